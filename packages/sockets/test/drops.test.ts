/** Every packet that goes no further is counted under the name of its reason: nothing is lost between two layers. */

import { PacketBatch, PKT_CSUM_VALID } from '@tcpstack/bytes/packet-batch';
import { complement, onesSum } from '@tcpstack/wire/checksum';
import { ACK, FIN, PSH, RST, SYN } from '@tcpstack/wire/tcp';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AF_INET6, SHUT_WR, SO_RCVBUF, SOCK_DGRAM, SOL_SOCKET } from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import { connected, connecting, listening, viewOf } from './calls.ts';
import { EthernetWorld } from './ethernet-world.ts';
import { holds } from './holds.ts';
import { ping6, Rig, udp4, udp6 } from './ip-rig.ts';
import { pattern, ping, STRANGER, segment } from './packets.ts';
import { World } from './world.ts';

/** What becomes of what a layer gets: each one thing is under one of the names, or is given to the next layer. */
const LAYERS: readonly (readonly [layer: string, came: readonly string[], fates: readonly string[]])[] = [
  [
    'IP',
    ['received'],
    [
      ...['delivered', 'shortPackets', 'notIp', 'badHeaders', 'badHeaderChecksums', 'notForUs', 'badSources'],
      ...['martians', 'fragmentsHeld', 'badOptions', 'sourceRoutesDropped', 'unknownProtocols'],
    ],
  ],
  ['what IP gives on', ['delivered'], ['segmentsReceived', 'icmpReceived', 'datagramsArrived']],
  [
    'TCP',
    ['segmentsReceived'],
    [
      ...['badChecksums', 'badSegments', 'connectionSegments', 'noListener', 'listenResets', 'listenAcks'],
      ...['listenDrops', 'halfOpens', 'deferAcceptDrops', 'synCookiesSent', 'synCookiesDropped'],
    ],
  ],
  [
    'UDP',
    ['datagramsArrived'],
    ['badDatagrams', 'badDatagramChecksums', 'noDatagramPort', 'datagramsReceived', 'datagramQueueDrops'],
  ],
  [
    'ICMP',
    ['icmpReceived'],
    [
      ...['icmpErrors', 'sourceQuenches', 'icmpBadQuotes', 'icmpIgnored', 'echoRequests', 'icmpNoWayBack'],
      ...['strayIcmpErrors', 'connectionIcmpErrors', 'datagramIcmpErrors'],
    ],
  ],
];

function sum(counters: Readonly<Record<string, number>>, names: readonly string[]): number {
  return names.reduce((total, name) => {
    const value = counters[name];
    if (value === undefined) throw new Error(`there is no counter ${name}`);
    return total + value;
  }, 0);
}

/** @param packets What came in; `null` where there are packets that nobody counts here. */
function expectNothingLost(host: Host, packets: number | null): void {
  const counters = host.counters();
  if (packets !== null) expect(counters['received']).toBe(packets);
  for (const [layer, came, fates] of LAYERS)
    expect([layer, sum(counters, fates)]).toEqual([layer, sum(counters, came)]);
}

/** Bytes of a packet with some of them changed, and where it is IPv4 a header whose sum is right nevertheless. */
function mutated(
  bytes: Uint8Array,
  changes: readonly (readonly [at: number, value: number])[],
  heals: boolean,
): Uint8Array {
  const copy = bytes.slice();
  for (const [at, value] of changes) copy[at % copy.length] = value;
  if (heals && (copy[0] as number) === 0x45) {
    copy.set([0, 0], 10);
    const total = complement(onesSum(copy, 0, 20));
    copy.set([total >> 8, total & 0xff], 10);
  }
  return copy;
}

const CHANGES = fc.array(fc.tuple(fc.nat(79), fc.nat(255)), { maxLength: 4 });
const FLAGS = fc.constantFrom(SYN, ACK, RST, FIN, SYN | ACK, ACK | PSH, ACK | FIN, RST | ACK, 0, 0x3f);

test('packets of all protocols, whole and damaged: what came in is what was delivered and what was dropped, layer by layer', () => {
  const rig = new Rig({ synCookies: 1, somaxconn: 4 });
  listening(rig.host, 3);
  const { sys } = rig.host;
  const receiver = sys.socket(AF_INET6, SOCK_DGRAM);
  sys.bind(receiver, '::', 53);
  sys.setsockopt(receiver, SOL_SOCKET, SO_RCVBUF, 4096);
  const seeds = [
    ping(pattern(30)),
    ping6(pattern(30)),
    udp4(),
    udp6(),
    segment({ flags: SYN }),
    segment({ flags: ACK, toPort: 9 }),
  ];
  let packets = 0;
  let nowMs = 0;
  holds(
    fc.property(
      fc.nat(seeds.length - 1),
      CHANGES,
      fc.boolean(),
      fc.boolean(),
      fc.nat(9),
      (which, changes, heals, isTrusted, ms) => {
        nowMs += ms;
        const bytes = mutated(seeds[which] as Uint8Array, changes, heals);
        rig.arrive(nowMs, [bytes], isTrusted ? PKT_CSUM_VALID : 0);
        packets++;
        expectNothingLost(rig.host, packets);
      },
    ),
    { numRuns: 3000, seed: 4 },
  );
  // It met most reasons that there are.
  const met = Object.entries(rig.host.counters()).filter(([, count]) => count > 0);
  expect(met.length).toBeGreaterThan(25);
});

test('segments to listeners and connections of all kinds: each is under one name', () => {
  const world = new World({ settings: { synCookies: 1, somaxconn: 2 } });
  const { server } = connected(world);
  listening(server, 1, 81);
  let atStart = server.counters()['received'] ?? 0;
  const ports = fc.constantFrom(80, 81, 82);
  holds(
    fc.property(
      FLAGS,
      ports,
      fc.integer({ min: 1, max: 12 }),
      fc.nat(3),
      fc.nat(2),
      (flags, toPort, from, seq, size) => {
        const fields = { flags, toPort, fromPort: 5000 + from, seq: 1000 + seq, ack: 1, payload: pattern(size) };
        world.inject(segment(fields)).settle();
        atStart++;
        expectNothingLost(server, atStart);
      },
    ),
    { numRuns: 2000, seed: 4 },
  );
});

/** Everything that a segment may change. */
function traceOf(host: Host): string {
  const { connectionSegments, received, delivered, segmentsReceived, ...others } = host.counters();
  expect([connectionSegments, received, delivered, segmentsReceived]).not.toContain(undefined);
  return JSON.stringify([others, host.sockets().map(({ tcp, ...view }) => ({ ...view, ...tcp, deadlineMs: 0 }))]);
}

describe('a connection passes over no segment in silence', () => {
  const STATES = [
    'SYN-SENT',
    'SYN-RECEIVED',
    'ESTABLISHED',
    'FIN-WAIT-1',
    'FIN-WAIT-2',
    'CLOSE-WAIT',
    'TIME-WAIT',
  ] as const;

  test.each(STATES)('%s', (state) => {
    const near = fc.integer({ min: -3, max: 3 });
    const all = fc.tuple(FLAGS, near, fc.constantFrom(-100_000, -1, 0, 1, 70_000), fc.nat(5));
    holds(
      fc.property(all, ([flags, seqOff, ackOff, size]) => {
        const { world, host, fd, peer } = inState(state);
        const { tcp } =
          fd < 0 ? (host.sockets().find((one) => one.state === state) ?? { tcp: null }) : viewOf(host, fd);
        if (tcp === null) throw new Error(`nothing is in ${state}`);
        const payload = pattern(size);
        const seq = (tcp.rcvNxt + seqOff) >>> 0;
        const ack = (tcp.sndNxt + ackOff) >>> 0;
        const before = traceOf(host);
        world.passes = () => false;
        world.inject(segment({ ...peer, flags, seq, ack, payload, window: 1000 + size })).settle();
        // An ACK alone may say what is known; anything else has text, a control bit, or a number that cannot be.
        const saysNothing = (flags & ACK) !== 0 && (flags & (SYN | RST | FIN)) === 0 && size === 0;
        if (!saysNothing) expect(traceOf(host), JSON.stringify({ flags, seqOff, ackOff, size })).not.toBe(before);
      }),
      { numRuns: 150, seed: 4 },
    );
  });

  function inState(state: (typeof STATES)[number]): {
    world: World;
    host: Host;
    fd: number;
    peer: { from: string; fromPort: number; toPort: number };
  } {
    const world = new World();
    const host = world.host(0);
    if (state === 'SYN-SENT') {
      const fd = host.sys.socket();
      host.sys.connect(fd, STRANGER, 7);
      world.settle();
      return { world, host, fd, peer: { from: STRANGER, fromPort: 7, toPort: viewOf(host, fd).local.port } };
    }
    if (state === 'SYN-RECEIVED') {
      listening(host);
      world.passes = ({ from }) => from !== '10.0.0.1';
      connecting(world.host(1), host);
      world.settle();
    } else {
      const pair = connected(world);
      if (state === 'CLOSE-WAIT') pair.client.sys.shutdown(pair.c, SHUT_WR);
      else if (state !== 'ESTABLISHED') {
        if (state === 'FIN-WAIT-1') world.passes = () => false;
        pair.server.sys.shutdown(pair.s, SHUT_WR);
        world.settle();
        if (state === 'TIME-WAIT') pair.client.sys.close(pair.c);
      }
      world.settle();
    }
    const view = host.sockets().find((one) => one.state === state);
    if (view === undefined || view.remote === null) throw new Error(`nothing is in ${state}`);
    return {
      world,
      host,
      fd: view.fd,
      peer: { from: view.remote.address, fromPort: view.remote.port, toPort: view.local.port },
    };
  }
});

test("Ethernet: what is not given to IP is the link's own, or has the name of its fault", () => {
  const world = new EthernetWorld([
    { addresses: ['10.0.0.1/24', 'fd00::1/64'] },
    { addresses: ['10.0.0.2/24', 'fd00::2/64'] },
  ]);
  world.run(5000);
  const [one, other] = [world.host(0), world.host(1)];
  listening(one);
  connecting(other, one);
  world.run(100);
  const frames = world.log.map(({ bytes }) => bytes);
  expect(frames.length).toBeGreaterThan(8);
  world.hears = (_, listener) => listener === 0;
  holds(
    fc.property(fc.nat(frames.length - 1), CHANGES, fc.nat(20), (which, changes, cut) => {
      const frame = mutated(frames[which] as Uint8Array, changes, false);
      const batch = new PacketBatch({ capacityPackets: 1, arenaBytes: 4096 });
      const bytes = cut > 14 ? frame.subarray(0, cut) : frame;
      batch.arena.set(bytes, batch.reserve(bytes.length));
      batch.commit(bytes.length, 0, 0);
      one.handlePackets(world.nowMs, batch);
      const counters = one.counters();
      const fates = [
        ...['shortFrames', 'notEthernetII', 'foreignFrames', 'unknownEtherTypes', 'unicastInBroadcast'],
        ...['arpReceived', 'ndpReceived', 'mldReceived', 'routersIgnored', 'received'],
      ];
      expect(sum(counters, fates)).toBe(counters['framesReceived']);
      expectNothingLost(one, null);
    }),
    { numRuns: 2000, seed: 4 },
  );
});
