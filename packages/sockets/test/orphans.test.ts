/** Connections without a descriptor: FIN-WAIT-2 that ends, retries, and limits (tcp_fin_timeout, tcp_orphan_retries, tcp_max_orphans). */

import { describe, expect, test } from 'vitest';
import { IPPROTO_TCP, SHUT_WR, TCP_LINGER2 } from '../src/constants.ts';
import type { Settings } from '../src/host.ts';
import { connected, connecting, expectNothingLeft, said, states, viewOf } from './calls.ts';
import { icmpError, pattern } from './packets.ts';
import { World } from './world.ts';

describe('FIN-WAIT-2 without a descriptor (tcp_fin_timeout, TCP_LINGER2)', () => {
  /** The client closed, the server does not; `lasts` says for how long the client stays in FIN-WAIT-2. */
  const closing = (settings: Partial<Settings>, linger2: number | null) => {
    const world = new World({ settings });
    const pair = connected(world);
    if (linger2 !== null) expect(said(pair.client.sys.setsockopt(pair.c, IPPROTO_TCP, TCP_LINGER2, linger2))).toBe(0);
    return { world, ...pair };
  };

  test.each([
    ['as the setting says', { finTimeoutMs: 20_000 }, null, 20_000],
    ['as the socket says', { finTimeoutMs: 20_000 }, 5, 5000],
    ['as the setting says for 0', { finTimeoutMs: 20_000 }, 0, 20_000],
    ['never less than 3.5 retransmission time-outs', { finTimeoutMs: 100 }, null, 700],
  ])('lasts %s', (_, settings, linger2, lastsMs) => {
    const { world, client, c } = closing(settings, linger2);
    client.sys.close(c);
    world.run(lastsMs - 1);
    expect(states(client)).toEqual(['FIN-WAIT-2']);
    world.run(1);
    expectNothingLeft(client);
  });

  test('is not entered with TCP_LINGER2 below 0: the ACK of the FIN is answered by a reset', () => {
    const { world, server, client, s, c } = closing({}, -1);
    client.sys.close(c);
    world.settle();
    expectNothingLeft(client);
    expect(world.takeKinds()).toEqual(['ACK,FIN', 'ACK', 'RST']);
    expect(viewOf(server, s).state).toBe('CLOSED');
    expect(client.counters().dataAfterClose).toBe(1);
  });

  test('and left at once when close(2) finds it entered', () => {
    const { world, server, client, s, c } = closing({}, -1);
    client.sys.shutdown(c, SHUT_WR);
    world.settle();
    expect(viewOf(client, c).state).toBe('FIN-WAIT-2');
    client.sys.close(c);
    world.settle();
    expectNothingLeft(client);
    expect(world.takeKinds()).toEqual(['ACK,FIN', 'ACK', 'ACK,RST']);
    expect(viewOf(server, s).state).toBe('CLOSED');
    expect(client.counters().lingerAborts).toBe(1);
  });
});

describe('the ACK of a FIN that does not come (tcp_orphan_retries)', () => {
  const fins = (settings: Partial<Settings>, untilMs: number, keepsDescriptor = false) => {
    const world = new World({ settings });
    const { client, c } = connected(world);
    world.passes = ({ from }) => from !== '10.0.0.2';
    if (keepsDescriptor) client.sys.shutdown(c, SHUT_WR);
    else client.sys.close(c);
    world.run(untilMs);
    // The first time is a tail loss probe, which counts for nothing (RFC 8985 §7).
    return { again: world.sentBy(1, 'ACK,FIN').length - 2, client };
  };

  test.each([
    ['8 times by default', {}, 8],
    ['as often as the setting says', { orphanRetries: 3 }, 3],
    ['once', { orphanRetries: 1 }, 1],
  ])('the FIN is sent again %s, and then the connection is gone', (_, settings, again) => {
    const { client, again: counted } = fins(settings, 600_000);
    expectNothingLeft(client);
    expect(counted).toBe(again);
  });

  test('but 15 times while a descriptor refers to it', () => {
    expect(fins({}, 3_600_000, true).again).toBe(15);
  });

  test('a window that stays closed is probed 8 times', () => {
    const world = new World({ settings: { receiveBufferBytes: 4096 } });
    const { server, client, c } = connected(world);
    client.sys.write(c, pattern(8192));
    world.run(1000);
    client.sys.close(c);
    world.passes = () => false;
    const before = client.counters().windowProbes ?? 0;
    world.run(600_000);
    expectNothingLeft(client);
    expect((client.counters().windowProbes ?? 0) - before).toBe(8);
    expect(server.bufferBytes()).toBeGreaterThan(0);
  });
});

describe('limits (tcp_max_orphans)', () => {
  const many = (settings: Partial<Settings>, count: number) => {
    const world = new World({ settings });
    const { server, client, c } = connected(world);
    const all = [c];
    for (let i = 1; i < count; i++) {
      all.push(connecting(client, server));
      world.settle();
      server.sys.accept(3);
    }
    world.takeKinds();
    return { world, server, client, all };
  };

  test('one more orphan than allowed is reset, and counted as the kernel does; those with a descriptor do not matter', () => {
    const { world, client, all } = many({ orphansMax: 2 }, 4);
    for (const fd of all.slice(0, 3)) client.sys.close(fd);
    world.settle();
    expect(world.takeKinds()).toEqual(['ACK,RST', 'ACK,FIN', 'ACK,FIN', 'ACK', 'ACK']);
    expect(states(client)).toEqual(['ESTABLISHED', 'FIN-WAIT-2', 'FIN-WAIT-2']);
    expect(client.counters().memoryAborts).toBe(1);
    world.run(60_000);
    // Those that are gone make room.
    client.sys.close(all[3] as number);
    world.settle();
    expect(states(client)).toEqual(['FIN-WAIT-2']);
    expect(client.counters().memoryAborts).toBe(1);
  });

  test('an orphan that the network calls unreachable counts twice at its next time-out', () => {
    const { world, client, all } = many({ orphansMax: 1 }, 1);
    world.passes = ({ from }) => from !== '10.0.0.2';
    client.sys.close(all[0] as number);
    world.settle();
    const fin = world.sentBy(1, 'ACK,FIN')[0];
    world.run(250);
    expect(states(client)).toEqual(['FIN-WAIT-1']);
    world.inject(icmpError({ type: 3, code: 1, about: fin?.bytes ?? new Uint8Array(0), to: '10.0.0.2' }));
    expect(client.counters().memoryAborts).toBe(0);
    world.run(1000);
    expectNothingLeft(client);
    expect(client.counters().memoryAborts).toBe(1);
    expect(world.sentBy(1).at(-1)?.kind).toBe('ACK,RST');
  });

  test('when buffers hold too much memory, an orphan that holds more than a little is reset', () => {
    const closed = (bytes: number) => {
      const { world, client, all } = many({ bufferMemoryMaxBytes: 50_000 }, 2);
      world.passes = () => false;
      client.sys.write(all[0] as number, pattern(100_000));
      client.sys.write(all[1] as number, pattern(bytes));
      client.sys.close(all[1] as number);
      return client.counters().memoryAborts;
    };
    expect(closed(4000)).toBe(0);
    expect(closed(5000)).toBe(1);
  });
});
