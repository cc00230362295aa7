/** Both ends call at once (RFC 9293 §3.5, figure 7). */

import { describe, expect, test } from 'vitest';
import { AF_INET, AF_INET6 } from '../src/constants.ts';
import { drain, expectNothingLeft, said, viewOf } from './calls.ts';
import { pattern } from './packets.ts';
import { anyOf, FAMILIES, World } from './world.ts';

describe.each(FAMILIES)('over %s', (_, family) => {
  const domain = family === 4 ? AF_INET : AF_INET6;
  /** Two sockets, each bound to port 4000, that connect to each other. */
  function crossing(world: World): [number, number] {
    const fds = [0, 1].map((i) => {
      const { sys } = world.host(i);
      const fd = sys.socket(domain);
      expect(said(sys.bind(fd, anyOf(family), 4000))).toBe(0);
      expect(said(sys.connect(fd, world.host(1 - i).address, 4000))).toBe('EINPROGRESS');
      return fd;
    });
    return [fds[0] as number, fds[1] as number];
  }

  test.each([0, 10])('RFC 9293 §3.5 [MUST-10]: two SYNs that cross make one connection (delay %i ms)', (delayMs) => {
    const world = new World({ family, delayMs });
    const [a, b] = crossing(world);
    world.run(3 * delayMs);
    const syns = world.log.filter(({ kind }) => kind === 'SYN');
    expect(syns).toHaveLength(2);
    expect(world.log.filter(({ kind }) => kind === 'ACK,SYN').length).toBeGreaterThanOrEqual(1);
    expect(viewOf(world.host(0), a).state).toBe('ESTABLISHED');
    expect(viewOf(world.host(1), b).state).toBe('ESTABLISHED');
    expect(world.log.length).toBeLessThan(10);

    world.host(0).sys.write(a, pattern(5000, 1));
    world.host(1).sys.write(b, pattern(5000, 2));
    world.run(1000);
    expect(drain(world.host(0), a).bytes).toEqual(pattern(5000, 2));
    expect(drain(world.host(1), b).bytes).toEqual(pattern(5000, 1));
    world.host(0).sys.close(a);
    world.host(1).sys.close(b);
    world.run(100_000);
    for (const host of world.hosts) expectNothingLeft(host);
  });

  test('the same when every first packet is lost', () => {
    const world = new World({ family, delayMs: 10 });
    const seen = new Set<string>();
    world.passes = ({ from, kind }) => {
      const again = seen.has(from + kind);
      seen.add(from + kind);
      return again;
    };
    const [a, b] = crossing(world);
    world.run(20_000);
    expect(viewOf(world.host(0), a).state).toBe('ESTABLISHED');
    expect(viewOf(world.host(1), b).state).toBe('ESTABLISHED');
  });
});
