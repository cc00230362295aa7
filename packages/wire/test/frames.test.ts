/** Seven published frames: decoded to the given values, encoded again to the same bytes, shown as pages. */

import { seq } from '@tcpstack/seq/seq';
import { describe, expect, test } from 'vitest';
import { parseIpv4 } from '../src/address.ts';
import { type DecodedFrame, decodeFrame, TCP_FLAG_NAMES } from '../src/decode.ts';
import { checkEthernet, ETHERNET_HEADER_BYTES, parseMac, writeEthernet } from '../src/ethernet.ts';
import * as Ipv4 from '../src/ipv4.ts';
import { pageOfFrame } from '../src/page.ts';
import { createSegment, readSegment } from '../src/segment.ts';
import { monitorLine, summarizePacket } from '../src/summary.ts';
import { finishChecksum, writeTcp } from '../src/tcp.ts';
import { writeMss } from '../src/tcp-options.ts';
import fixtures from './fixtures/handshake-and-close-frames.json' with { type: 'json' };
import { fromHex, toHex } from './packets.ts';

const IP_AT = ETHERNET_HEADER_BYTES;

/** Writes the frame that was decoded, from the decoded values alone. */
function encode({ ethernet, ipv4, tcp, ethernetPaddingHex }: DecodedFrame): Uint8Array {
  if (ethernet === null || ipv4 === null || tcp === null) throw new Error('the frame was not decoded');
  const padding = fromHex(ethernetPaddingHex);
  const packetEnd = IP_AT + ipv4.totalLengthBytes;
  const bytes = new Uint8Array(packetEnd + padding.length).fill(0xee);
  const [from, to] = [parseIpv4(ipv4.source) as number, parseIpv4(ipv4.destination) as number];
  const fragment = ipv4.dontFragment ? Ipv4.IPV4_DF : 0;
  const bits = TCP_FLAG_NAMES.reduce((sum, name, i) => sum | (tcp.flags.includes(name) ? 0x80 >> i : 0), 0);
  const [destination, source] = [parseMac(ethernet.destination) as number, parseMac(ethernet.source) as number];
  const at = writeEthernet(bytes, 0, destination, source, Number(ethernet.etherType));
  Ipv4.writeIpv4(bytes, at, ipv4.totalLengthBytes, 6, from, to, ipv4.identification, fragment, ipv4.ttl, ipv4.tos);
  const tcpAt = at + Ipv4.IPV4_HEADER_BYTES;
  writeTcp(
    bytes,
    tcpAt,
    tcp.sourcePort,
    tcp.destinationPort,
    seq(tcp.seq),
    seq(tcp.ack),
    tcp.dataOffsetBytes,
    bits,
    tcp.window,
    tcp.urgentPointer,
  );
  if (tcp.mssBytes !== null) writeMss(bytes, tcpAt + 20, tcp.mssBytes);
  finishChecksum(bytes, tcpAt, packetEnd, Ipv4.pseudoHeaderSum(from, to, 6));
  bytes.set(padding, packetEnd);
  return bytes;
}

describe.each(fixtures.frames)('published frame $frame', ({ hex, expect: expected }) => {
  const bytes = fromHex(hex);
  const decoded = decodeFrame(bytes);

  test('RFC 9293 §3.1, RFC 791 §3.1: it decodes to exactly the given values', () => {
    expect(decoded.fault).toBeNull();
    expect(decoded).toMatchObject(expected);
  });

  test('RFC 9293 §3.1 [MUST-3]: both checksums verify, and neither does when any one bit is turned', () => {
    for (let bit = 8 * IP_AT; bit < 8 * (IP_AT + expected.ipv4.totalLengthBytes); bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (0x80 >> (bit & 7));
      expect(decodeFrame(damaged).fault, `bit ${bit}`).not.toBeNull();
    }
  });

  test('it encodes again from the decoded values to the same bytes, padding included', () => {
    expect(toHex(encode(decoded))).toBe(hex);
  });

  test('Ethernet padding is not data: the segment that a connection gets ends before it', () => {
    expect(checkEthernet(bytes, 0, bytes.length)).toBeNull();
    expect(Ipv4.checkIpv4(bytes, IP_AT, bytes.length)).toBeNull();
    const end = IP_AT + Ipv4.totalLength(bytes, IP_AT);
    const pseudo = Ipv4.pseudoHeaderSum(Ipv4.source(bytes, IP_AT), Ipv4.destination(bytes, IP_AT), 6);
    const segment = createSegment();
    expect(readSegment(bytes, IP_AT + Ipv4.headerBytes(bytes, IP_AT), end, pseudo, false, segment)).toBeNull();
    expect(segment.payloadEnd - segment.payloadAt).toBe(0);
    const taken = expected.tcp.flags.filter((name) => name === 'SYN' || name === 'FIN').length;
    expect(segment.len).toBe(taken);
    expect(segment.options.mssBytes).toBe(expected.tcp.mssBytes ?? -1);
    expect(toHex(bytes.subarray(end))).toBe(expected.ethernetPaddingHex);
  });

  test('its page names every header field with its value, and ends with its bytes', () => {
    const page = pageOfFrame(bytes);
    const { ethernet, ipv4, tcp } = expected;
    for (const value of [ethernet.destination, ethernet.source, ethernet.etherType, ipv4.source, ipv4.destination]) {
      expect(page).toContain(` = ${value}`);
    }
    expect(page).toContain(`Header Checksum = ${ipv4.headerChecksum} (right)`);
    expect(page).toContain(`TCP: Checksum = ${tcp.checksum} (right)`);
    for (const value of [ipv4.ttl, ipv4.identification, tcp.sourcePort, tcp.destinationPort, tcp.seq, tcp.ack]) {
      expect(page).toMatch(new RegExp(` = ${value} \\(0x0*${value.toString(16)}\\)`));
    }
    for (const name of TCP_FLAG_NAMES) {
      const bit = (tcp.flags as string[]).includes(name) ? '1' : '0';
      expect(page).toMatch(new RegExp(`\\.*${bit}\\.* = ${name}: `));
    }
    const dumped = page.split('\n').filter((line) => /^[0-9a-f]{5}: /.test(line));
    expect(dumped.map((line) => line.slice(8, 55).replaceAll(' ', '')).join('')).toBe(hex);
  });
});

test('frame 1 as a page, to be read', async () => {
  await expect(`${pageOfFrame(fromHex(fixtures.frames[0]?.hex ?? ''))}\n`).toMatchFileSnapshot(
    './fixtures/frame-1.page.txt',
  );
});

test('the seven frames as lines', () => {
  const lines = fixtures.frames.map(({ hex }) => {
    const bytes = fromHex(hex);
    return [summarizePacket(bytes, IP_AT, bytes.length), monitorLine(bytes, IP_AT, bytes.length)];
  });
  expect(lines.map(([line]) => line)).toEqual([
    '131.107.2.214.1037 > 131.107.2.211.139: Flags [S], seq 8221822, win 8192, options [mss 1460], length 0',
    '131.107.2.211.139 > 131.107.2.214.1037: Flags [S.], seq 1109645, ack 8221823, win 8760, options [mss 1460], length 0',
    '131.107.2.214.1037 > 131.107.2.211.139: Flags [.], ack 1109646, win 8760, length 0',
    '192.94.222.123.2337 > 192.94.222.87.1352: Flags [F.], seq 186685100, ack 3462835714, win 8760, length 0',
    '192.94.222.87.1352 > 192.94.222.123.2337: Flags [.], ack 186685101, win 28672, length 0',
    '192.94.222.87.1352 > 192.94.222.123.2337: Flags [F.], seq 3462835714, ack 186685101, win 28672, length 0',
    '192.94.222.123.2337 > 192.94.222.87.1352: Flags [.], ack 3462835715, win 8760, length 0',
  ]);
  expect(lines.map(([, line]) => line)).toEqual([
    'TCP: ....S., len: 0, seq: 8221822-8221822, ack: 0, win: 8192, src: 1037 dst: 139',
    'TCP: .A..S., len: 0, seq: 1109645-1109645, ack: 8221823, win: 8760, src: 139 dst: 1037',
    'TCP: .A...., len: 0, seq: 8221823-8221823, ack: 1109646, win: 8760, src: 1037 dst: 139',
    'TCP: .A...F, len: 0, seq: 186685100-186685100, ack: 3462835714, win: 8760, src: 2337 dst: 1352',
    'TCP: .A...., len: 0, seq: 3462835714-3462835714, ack: 186685101, win: 28672, src: 1352 dst: 2337',
    'TCP: .A...F, len: 0, seq: 3462835714-3462835714, ack: 186685101, win: 28672, src: 1352 dst: 2337',
    'TCP: .A...., len: 0, seq: 186685101-186685101, ack: 3462835715, win: 8760, src: 2337 dst: 1352',
  ]);
});
