/** Whatever the bytes, nothing throws, and nothing outside `[at, end)` is read or written. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, decodePacket } from '../src/decode.ts';
import { checkEthernet, ETHERTYPE_IPV4, ETHERTYPE_IPV6, writeEthernet } from '../src/ethernet.ts';
import { finishPacket } from '../src/finish.ts';
import { checkIcmp } from '../src/icmp.ts';
import { checkIcmpv6 } from '../src/icmpv6.ts';
import { findOptionFault } from '../src/ip-options-check.ts';
import { checkIpv4 } from '../src/ipv4.ts';
import { checkIpv6 } from '../src/ipv6.ts';
import { createExtensionChain, walkExtensions, walkOn } from '../src/ipv6-extensions.ts';
import { pageOfFrame, pageOfPacket } from '../src/page.ts';
import { createSegment, readSegment } from '../src/segment.ts';
import { monitorLine, summarizePacket } from '../src/summary.ts';
import { ACK, FIN, PSH, SYN } from '../src/tcp.ts';
import { createTcpOptions, readTcpOptions } from '../src/tcp-options.ts';
import { checksumValid, checkUdp } from '../src/udp.ts';
import fixtures from './fixtures/handshake-and-close-frames.json' with { type: 'json' };
import { holds } from './holds.ts';
import { ascii, fromHex, tcpPacket, toHex } from './packets.ts';
import { packet6, ping6, udp6 } from './packets6.ts';

const FRONT_BYTES = 13;

/** Real packets, without a link's header. */
const PACKETS = [
  ...fixtures.frames.map(({ hex }) => fromHex(hex).subarray(14)),
  tcpPacket({ flags: SYN, options: '020405b40402080a000000010000000001030307' }),
  tcpPacket({ flags: ACK, options: '0101080a0000000100000002', payload: ascii('GET / HTTP/1.1\r\n\r\n') }),
  tcpPacket({ flags: ACK, options: `0101080a00000001000000020101050a${'00000bb800000fa0'}` }),
  tcpPacket({ flags: ACK | PSH | FIN, options: 'fe04abcd00000000', payload: new Uint8Array(100) }),
  packet6({ protocol: 17, payload: udp6(ascii('hello')) }),
  packet6({ protocol: 58, payload: ping6(ascii('hello')) }),
  packet6({
    protocol: 58,
    extensions: [
      [0, '050200000100'],
      [60, '010400000000'],
      [43, '000000000000'],
    ],
    payload: ping6(ascii('hello')),
  }),
  packet6({ protocol: 58, extensions: [[44, '0001 00000007']], payload: ping6(ascii('hello')) }),
  packet6({
    protocol: 17,
    extensions: [
      [60, '010400000000'],
      [44, '0000 00000007'],
      [60, 'c10400000000'],
    ],
    payload: udp6(ascii('hello')),
  }),
];

/** A real packet with a few bytes changed, and perhaps cut short or made longer. */
const mutated: fc.Arbitrary<Uint8Array> = fc
  .record({
    packet: fc.constantFrom(...PACKETS),
    changes: fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 }),
    length: fc.option(fc.nat(90)),
  })
  .map(({ packet, changes, length }) => {
    const bytes = new Uint8Array(length ?? packet.length);
    bytes.set(packet.subarray(0, bytes.length));
    for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
    return bytes;
  });

const anything = fc.oneof(mutated, fc.uint8Array({ maxLength: 120 }));

type Look = (bytes: Uint8Array, at: number, end: number) => unknown;

/** What an arriving segment says, without the array it lies in. */
const segmentOf: Look = (bytes, at, end) => {
  const segment = createSegment();
  const faults = [false, true].map((trusted) => readSegment(bytes, at, end, 12_345, trusted, segment));
  return { faults, ...segment, bytes: segment.bytes === bytes };
};

const optionsOf: Look = (bytes, at, end) => {
  const options = createTcpOptions();
  readTcpOptions(bytes, at, end, options);
  return options;
};

const udpOf: Look = (bytes, at, end) => {
  const fault = checkUdp(bytes, at, end);
  return fault ?? [4, 6].map((version) => checksumValid(bytes, at, 12_345, version));
};

/** What is behind the header of a checked packet, as places counted from its beginning. */
const chainOf: Look = (bytes, at, end) => {
  if (checkIpv6(bytes, at, end) !== null) return null;
  const chain = createExtensionChain();
  const faults = [walkExtensions(bytes, at, chain)];
  const { protocol, transportAt, namedAt, fragmentAt } = chain;
  if (fragmentAt !== 0) faults.push(walkOn(bytes, at, end, protocol, transportAt, namedAt, chain));
  expect(chain.transportAt).toBeLessThanOrEqual(end);
  expect(chain.pointer).toBeLessThan(end - at);
  return {
    ...chain,
    faults,
    transportAt: chain.transportAt - at,
    namedAt: chain.namedAt - at,
    fragmentAt: fragmentAt === 0 ? 0 : fragmentAt - at,
    fragmentNamedAt: fragmentAt === 0 ? 0 : chain.fragmentNamedAt - at,
    routingAt: chain.routingAt === 0 ? 0 : chain.routingAt - at,
  };
};

const LOOKS: readonly (readonly [string, Look])[] = [
  ['checkEthernet', checkEthernet],
  ['checkIpv4', checkIpv4],
  ['findOptionFault', (bytes, at, end) => checkIpv4(bytes, at, end) ?? findOptionFault(bytes, at)],
  ['checkIcmp', checkIcmp],
  ['checkIpv6', checkIpv6],
  ['checkIcmpv6', (bytes, at, end) => checkIcmpv6(bytes, at, end, 12_345)],
  ['checkUdp and checksumValid', udpOf],
  ['walkExtensions and walkOn', chainOf],
  ['readSegment', segmentOf],
  ['readTcpOptions', optionsOf],
  ['decodeFrame', decodeFrame],
  ['decodePacket', decodePacket],
  ['summarizePacket', summarizePacket],
  ['monitorLine', monitorLine],
  ['pageOfFrame', pageOfFrame],
  ['pageOfPacket', pageOfPacket],
];

/** The same content with other bytes before it, and other bytes or none behind it. */
function surrounded(content: Uint8Array): Uint8Array[] {
  return [
    [0x00, 40],
    [0xff, 40],
    [0x45, 0],
    [0x60, 3],
  ].map(([poison, behind]) => {
    const bytes = new Uint8Array(FRONT_BYTES + content.length + (behind as number)).fill(poison as number);
    bytes.set(content, FRONT_BYTES);
    return bytes;
  });
}

describe.each(LOOKS)('%s', (_, look) => {
  test('it never throws, and its answer depends on the bytes between `at` and `end` alone', () => {
    holds(
      fc.property(anything, (content) => {
        const end = FRONT_BYTES + content.length;
        const answers = surrounded(content).map((bytes) => {
          const before = toHex(bytes);
          const answer = look(bytes, FRONT_BYTES, end);
          expect(toHex(bytes)).toBe(before);
          return answer;
        });
        expect(answers[1]).toEqual(answers[0]);
        expect(answers[2]).toEqual(answers[0]);
        expect(answers[3]).toEqual(answers[0]);
      }),
      { numRuns: 300 },
    );
  });
});

test('decodeFrame sees through an Ethernet header what decodePacket sees without it', () => {
  holds(
    fc.property(anything, (content) => {
      const frame = new Uint8Array(14 + content.length);
      const isIpv6 = (content[0] ?? 0) >> 4 === 6;
      writeEthernet(frame, 0, 1, 2, isIpv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4);
      frame.set(content, 14);
      const { ethernet, ethernetPaddingHex, arp, ...packet } = decodeFrame(frame);
      expect(arp).toBeNull();
      expect(ethernet?.etherType).toBe(isIpv6 ? '0x86dd' : '0x0800');
      expect(packet).toEqual(decodePacket(frame, 14));
      const packetBytes = packet.ipv4?.totalLengthBytes ?? packet.ipv6?.totalLengthBytes ?? content.length;
      expect(ethernetPaddingHex).toBe(toHex(content.subarray(packetBytes)));
    }),
    { numRuns: 300 },
  );
});

test('finishPacket never throws, and writes nothing outside the packet', () => {
  holds(
    fc.property(anything, (content) => {
      const finished = surrounded(content).map((bytes) => {
        const [front, back] = [bytes.slice(0, FRONT_BYTES), bytes.slice(FRONT_BYTES + content.length)];
        const done = finishPacket(bytes, FRONT_BYTES, FRONT_BYTES + content.length);
        expect(bytes.subarray(0, FRONT_BYTES)).toEqual(front);
        expect(bytes.subarray(FRONT_BYTES + content.length)).toEqual(back);
        const inside = bytes.slice(FRONT_BYTES, FRONT_BYTES + content.length);
        const { tcp, udp, icmpv6 } = decodePacket(inside);
        if (done) expect((tcp ?? udp ?? icmpv6)?.checksumValid).toBe(true);
        if (!done) expect(inside).toEqual(content);
        return [done, toHex(inside)];
      });
      expect(finished[1]).toEqual(finished[0]);
      expect(finished[2]).toEqual(finished[0]);
    }),
    { numRuns: 300 },
  );
});

test('the list of options and the record of options agree on every header', () => {
  holds(
    fc.property(mutated, (content) => {
      const { tcp } = decodePacket(content);
      if (tcp === null) return;
      const listed = tcp.options.filter(({ name }) => name !== 'malformed');
      expect(tcp.options.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)).toBe(tcp.dataOffsetBytes - 20);
      expect(tcp.mssBytes !== null).toBe(listed.some(({ name }) => name === 'mss'));
      expect(tcp.windowScale !== null).toBe(listed.some(({ name }) => name === 'window-scale'));
      expect(tcp.sackPermitted).toBe(listed.some(({ name }) => name === 'sack-permitted'));
      expect(tcp.timestamps !== null).toBe(listed.some(({ name }) => name === 'timestamps'));
    }),
    { numRuns: 1000 },
  );
});
