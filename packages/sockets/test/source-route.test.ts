/** Options of the IP header, source routes above all (RFC 9293 §3.9.2, §3.9.2.1). */

import { parseIpv4 } from '@tcpstack/wire/address';
import { insertOptions } from '@tcpstack/wire/ip-options';
import { ACK, SYN } from '@tcpstack/wire/tcp';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connecting, listening, said } from './calls.ts';
import { holds } from './holds.ts';
import { pattern, type SegmentFields, STRANGER, segment } from './packets.ts';
import { type Logged, World } from './world.ts';

const octets = (address: string): number[] => address.split('.').map(Number);

/** A segment with these options in its IP header. */
function withOptions(fields: SegmentFields, options: readonly number[]): Uint8Array {
  const plain = segment(fields);
  const padded = Uint8Array.from([...options, ...Array((4 - (options.length % 4)) % 4).fill(0)]);
  const bytes = new Uint8Array(plain.length + padded.length);
  bytes.set(plain.subarray(0, 20));
  bytes.set(plain.subarray(20), 20 + padded.length);
  new DataView(bytes.buffer).setUint16(2, bytes.length);
  insertOptions(bytes, 0, padded);
  return bytes;
}

/** A route that was gone along. */
const completed = (...hops: string[]): number[] => [
  131,
  3 + 4 * hops.length,
  4 + 4 * hops.length,
  ...hops.flatMap(octets),
];
/** Where a packet goes first, and the route in it. */
const routeOf = ({ bytes, to }: Logged): string => {
  const route = bytes.subarray(20, ((bytes[0] as number) & 15) * 4);
  const hops = Array.from({ length: (route.length - 4) / 4 }, (_, i) =>
    [...route.subarray(3 + 4 * i, 7 + 4 * i)].join('.'),
  );
  return route.length === 0 ? to : `${to} by ${route[0]} ${route[2]} then ${hops.join(' ')}`;
};
const routed = { hosts: [{ settings: { acceptSourceRoute: true } }, {}] };

describe('options that TCP does not understand are ignored (RFC 9293 §3.9.2) [MUST-50]', () => {
  test.each([
    ['record route', [7, 7, 4, 0, 0, 0, 0]],
    ['timestamp', [68, 8, 5, 0, 0, 0, 0, 0]],
    ['router alert', [148, 4, 0, 0]],
    ['security, no operation, unknown ones', [130, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 99, 2]],
  ])('%s', (_, options) => {
    const world = new World();
    listening(world.host(0));
    world.inject(withOptions({ flags: SYN }, options)).settle();
    expect(world.last()).toMatchObject({ kind: 'ACK,SYN', to: STRANGER });
    expect(routeOf(world.last())).toBe(STRANGER);
  });

  test('damaged ones are dropped and counted, and the sender is told where the fault is (RFC 1122 §3.2.2.5)', () => {
    const world = new World();
    listening(world.host(0));
    for (const options of [
      [7, 0],
      [7, 9, 4, 0],
      [131, 4, 4, 0],
      [...completed('1.2.3.4'), ...completed('1.2.3.4')],
      [1, 1, 1, 7],
    ]) {
      world.inject(withOptions({ flags: SYN }, options));
    }
    world.settle();
    const told = world.sentBy(0).map(({ icmp }) => [icmp?.type, icmp?.code, (icmp?.identifier ?? 0) >> 8]);
    expect(told).toEqual([20, 20, 21, 27, 23].map((pointer) => [12, 0, pointer]));
    expect(world.host(0).counters().badOptions).toBe(5);
  });

  test('any bytes of options: no throw, and every packet that leaves is well formed', () => {
    holds(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (options, acceptSourceRoute) => {
        const world = new World({ settings: { acceptSourceRoute } });
        listening(world.host(0));
        world.inject(withOptions({ flags: SYN }, [...options])).settle();
      }),
      { numRuns: 500 },
    );
  });
});

describe('a source route of the user (RFC 9293 §3.9.2.1)', () => {
  test('goes into every segment of an active open; the checksum is of the ultimate destination [MUST-51]', () => {
    const world = new World();
    const { sys } = world.host(1);
    const fd = sys.socket();
    expect(said(sys.setsourceroute(fd, ['10.9.0.1', '10.9.0.2']))).toBe(0);
    expect(said(sys.connect(fd, STRANGER, 80))).toBe('EINPROGRESS');
    world.settle();
    expect(routeOf(world.last())).toBe(`10.9.0.1 by 131 4 then 10.9.0.2 ${STRANGER}`);
    const { tcp } = world.last();
    const from = { from: STRANGER, fromPort: 80, to: '10.0.0.2', toPort: tcp?.sourcePort ?? 0 };
    world.inject(segment({ ...from, flags: SYN | ACK, seq: 5, ack: (tcp?.seq ?? 0) + 1 })).settle();
    // That the peer took the checksum for right is its own word; ours is that the connection opened.
    sys.write(fd, pattern(5000));
    world.settle();
    const data = world.sentBy(1).filter(({ payloadBytes }) => payloadBytes > 0);
    expect(new Set(data.map(routeOf))).toEqual(new Set([`10.9.0.1 by 131 4 then 10.9.0.2 ${STRANGER}`]));
    // The options take their room from the payload: 536 less 12.
    expect(Math.max(...data.map(({ payloadBytes }) => payloadBytes))).toBe(536 - 12);
  });

  test('takes precedence over one that arrives [MUST-52]', () => {
    const world = new World({ settings: { acceptSourceRoute: true } });
    const { sys } = world.host(1);
    const fd = sys.socket();
    sys.setsourceroute(fd, ['10.9.0.1']);
    sys.connect(fd, STRANGER, 80);
    world.settle();
    const { tcp } = world.last();
    const from = { from: STRANGER, fromPort: 80, to: '10.0.0.2', toPort: tcp?.sourcePort ?? 0 };
    const answer = { ...from, flags: SYN | ACK, seq: 5, ack: (tcp?.seq ?? 0) + 1 };
    world.inject(withOptions(answer, completed('10.8.0.1'))).settle();
    world.inject(
      withOptions({ ...from, flags: ACK, seq: 6, ack: answer.ack, payload: pattern(3) }, completed('10.8.0.1')),
    );
    world.run(500);
    expect(world.last().kind).toBe('ACK');
    expect(routeOf(world.last())).toBe(`10.9.0.1 by 131 4 then ${STRANGER}`);
  });

  test('what cannot be one', () => {
    const { sys } = new World().host(0);
    const fd = sys.socket();
    expect(said(sys.setsourceroute(fd, Array(10).fill('10.0.0.9')))).toBe('EINVAL');
    expect(said(sys.setsourceroute(fd, ['nowhere']))).toBe('EINVAL');
    expect(said(sys.setsourceroute(77, []))).toBe('EBADF');
    const host = new World().host(0);
    expect(said(host.sys.setsourceroute(connecting(host, new World().host(1)), ['10.0.0.9']))).toBe('EISCONN');
  });
});

describe('a source route that arrives (RFC 9293 §3.9.2.1)', () => {
  test('is dropped unless the host accepts such packets, and counted; as in Linux', () => {
    const world = new World();
    listening(world.host(0));
    world.inject(withOptions({ flags: SYN }, completed('10.8.0.1'))).settle();
    expect(world.sentBy(0)).toEqual([]);
    expect(world.host(0).counters().sourceRoutesDropped).toBe(1);
  });

  test('is dropped while it has hops to go: we are no router', () => {
    const world = new World(routed);
    listening(world.host(0));
    world.inject(withOptions({ flags: SYN }, [131, 7, 4, 10, 8, 0, 1])).settle();
    expect(world.host(0).counters().sourceRoutesDropped).toBe(1);
  });

  test("leads a passive open's answers back, on all segments [MUST-53]; a later one overrides it [SHLD-24]", () => {
    const world = new World(routed);
    const server = world.host(0);
    const listener = listening(server);
    world.inject(withOptions({ flags: SYN, seq: 1000 }, completed('10.8.0.1', '10.8.0.2'))).settle();
    const back = `10.8.0.2 by 131 4 then 10.8.0.1 ${STRANGER}`;
    expect([world.last().kind, routeOf(world.last())]).toEqual(['ACK,SYN', back]);
    const ack = (world.last().tcp?.seq ?? 0) + 1;
    world.inject(segment({ flags: ACK, seq: 1001, ack })).settle();
    const s = server.sys.accept(listener);
    server.sys.write(s, pattern(100));
    world.settle();
    expect([world.last().payloadBytes, routeOf(world.last())]).toEqual([100, back]);
    // One that is not the next in order changes nothing.
    world.inject(withOptions({ flags: ACK, seq: 999_999, ack }, completed('10.6.6.6')));
    world.inject(withOptions({ flags: ACK, seq: 1001, ack: ack + 100, payload: pattern(3) }, completed('10.8.0.7')));
    world.run(500);
    expect(routeOf(world.last())).toBe(`10.8.0.7 by 131 4 then ${STRANGER}`);
    expect(parseIpv4(STRANGER)).not.toBeNull();
  });
});
