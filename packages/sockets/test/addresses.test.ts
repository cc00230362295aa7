/** Which addresses a connection may have at either end (RFC 9293 §3.9.1.1 and §3.9.2.3). */

import { ACK, FIN, RST, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { Host } from '../src/host.ts';
import { connected, said, viewOf } from './calls.ts';
import { pattern, segment } from './packets.ts';
import { entropy, World } from './world.ts';

const NO_HOST = ['0.1.2.3', '224.0.0.1', '239.1.2.3', '240.0.0.1', '255.255.255.255'];
const subnets = { hosts: [{ prefixBits: 24 }, { prefixBits: 24 }] };

describe('OPEN (RFC 9293 §3.9.1.1)', () => {
  test.each([...NO_HOST, '10.0.0.255'])(
    "to an address that is no single host's is an error, and nothing is sent [MUST-46]: %s",
    (address) => {
      const world = new World(subnets);
      const { sys } = world.host(1);
      const fd = sys.socket();
      expect(said(sys.connect(fd, address, 80))).toBe('ENETUNREACH');
      world.run(1000);
      expect(world.log).toEqual([]);
      // The socket is as it was.
      expect(said(sys.connect(fd, '10.0.0.1', 80))).toBe('EINPROGRESS');
    },
  );

  test('an active one uses the local address that was asked for [MUST-43]', () => {
    const world = new World();
    const { sys } = world.host(1);
    const fd = sys.socket();
    expect(said(sys.bind(fd, '10.0.0.2', 4000))).toBe(0);
    expect(said(sys.connect(fd, '10.0.0.1', 80))).toBe('EINPROGRESS');
    world.settle();
    expect(world.sentBy(1)[0]).toMatchObject({ kind: 'SYN', from: '10.0.0.2', tcp: { sourcePort: 4000 } });
    expect(said(sys.bind(sys.socket(), '10.0.0.3', 4001))).toBe('EADDRNOTAVAIL');
  });

  test('a passive one may ask for a local address; without one the connection has the address of the SYN [MUST-43]', () => {
    const world = new World();
    const { sys } = world.host(0);
    for (const [address, port] of [
      ['10.0.0.1', 81],
      ['0.0.0.0', 82],
    ] as const) {
      const fd = sys.socket();
      expect(said(sys.bind(fd, address, port))).toBe(0);
      expect(said(sys.listen(fd, 1))).toBe(0);
      expect(sys.getsockname(fd)).toMatchObject({ address, port });
      const client = world.host(1).sys;
      client.connect(client.socket(), '10.0.0.1', port);
      world.settle();
      expect(sys.getsockname(sys.accept(fd))).toMatchObject({ address: '10.0.0.1', port });
    }
  });

  test('without one the host chooses the source address before the SYN leaves [MUST-44]', () => {
    const world = new World();
    const { sys } = world.host(1);
    const fd = sys.socket();
    expect(sys.getsockname(fd)).toMatchObject({ address: '0.0.0.0' });
    sys.connect(fd, '10.0.0.1', 80);
    expect(sys.getsockname(fd)).toMatchObject({ address: '10.0.0.2' });
    world.settle();
    expect(world.sentBy(1, 'SYN').map(({ from }) => from)).toEqual(['10.0.0.2']);
  });

  test('every later segment has the same local address, resets too [MUST-45]', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    client.sys.write(c, pattern(5000));
    world.run(100);
    server.sys.close(s);
    world.run(100);
    client.sys.write(c, pattern(1));
    world.run(100);
    expect(new Set(world.sentBy(1).map(({ kind }) => kind)).size).toBeGreaterThan(1);
    expect(new Set(world.log.map(({ from }) => from))).toEqual(new Set(['10.0.0.1', '10.0.0.2']));
    expect(world.log.filter(({ kind }) => kind.includes('RST'))).not.toEqual([]);
  });
});

/** What a host with a listener and a connection says to this packet. */
function injected(fields: Parameters<typeof segment>[0]): {
  world: World;
  host: Host;
  listener: number;
  before: string;
} {
  const world = new World(subnets);
  const { server, listener, s, c, client } = connected(world);
  client.sys.write(c, pattern(10));
  world.run(100);
  const before = JSON.stringify(viewOf(server, s));
  world.log.length = 0;
  // The world gives a packet to the host it is addressed to; broadcasts reach each.
  world.injectInto(0, segment(fields)).run(100);
  expect(JSON.stringify(viewOf(server, s))).toBe(before);
  return { world, host: server, listener, before };
}

describe('source address validation (RFC 9293 §3.9.2.3)', () => {
  test.each([...NO_HOST, '0.0.0.0', '10.0.0.255', '10.0.0.1'])(
    'a SYN from an address that no peer can have is ignored and counted [MUST-63]: %s',
    (from) => {
      const { world, host, listener } = injected({ from, flags: SYN });
      expect(world.log.slice(1)).toEqual([]);
      expect(viewOf(host, listener).synQueueLength).toBe(0);
      expect(host.counters().badSources).toBe(1);
    },
  );

  test.each(['127.0.0.1', '127.255.255.255'])(
    'and one from, or to, a loopback address, which no link carries — RFC 1122 §3.2.1.3 (g): %s',
    (loopback) => {
      for (const fields of [{ from: loopback }, { to: loopback }]) {
        const { world, host } = injected({ ...fields, flags: SYN });
        expect(world.log.slice(1)).toEqual([]);
        expect(host.counters()['martians']).toBe(1);
      }
    },
  );

  test.each(['10.0.0.255', '255.255.255.255', '224.0.0.1', '239.255.0.1'])(
    'a SYN to a broadcast or multicast address is discarded in silence [MUST-57]: %s',
    (to) => {
      const { world, host, listener } = injected({ to, flags: SYN });
      expect(world.log.slice(1)).toEqual([]);
      expect(viewOf(host, listener).synQueueLength).toBe(0);
      expect(host.counters().notForUs).toBe(1);
    },
  );

  test.each([
    ['RST', RST],
    ['ACK', ACK],
    ['SYN-ACK', SYN | ACK],
    ['FIN', FIN | ACK],
    ['data', ACK],
  ])('so is every other segment: "applicable to all incoming segments, not just SYNs" [MUST-57]: %s', (_, flags) => {
    for (const to of ['10.0.0.255', '224.0.0.1']) {
      const { world, host } = injected({ to, flags, ack: 77, payload: pattern(3) });
      expect(world.log.slice(1)).toEqual([]);
      expect(host.counters()).toMatchObject({ notForUs: 1, noListener: 0 });
    }
  });
});

describe('our own address', () => {
  const options = { mtuBytes: 1500, entropy: entropy(1) };

  test.each([{ address: '224.0.0.1' }, { address: '255.255.255.255' }, { address: '10.0.0.255', prefixBits: 24 }])(
    "is one host's: $address",
    (own) => {
      expect(() => new Host({ ...options, ...own })).toThrow(`not an address of one host: ${own.address}`);
    },
  );

  test('the prefix has 1 to 32 bits', () => {
    for (const prefixBits of [0, 33, Number.NaN, -1]) {
      expect(() => new Host({ ...options, address: '10.0.0.1', prefixBits })).toThrow('prefixBits must be 1 to 32');
    }
  });
});
