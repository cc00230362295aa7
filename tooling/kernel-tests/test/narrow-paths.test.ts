/** A router of Linux between us and the kernel whose next link carries less: with its ICMP messages, and without. */

import { expect, test } from 'vitest';
import { kernelSuite, OFFLOADS } from '../src/suite.ts';
import { talk, transfer } from '../src/transfer.ts';
import { World } from '../src/world.ts';

const BYTES = 2_000_000;
const SILENT =
  'add table ip hole; add chain ip hole out { type filter hook output priority 0; }; add rule ip hole out icmp type destination-unreachable drop';

kernelSuite('paths that carry less than the link', ['nft'], () => {
  test.each(OFFLOADS)('a router says so: no time-out, every byte arrives (RFC 1191), $mode', async ({ offload }) => {
    using world = await World.make({ offload }, { distant: true });
    world.namespace.run('ip', 'link', 'set', 'near', 'mtu', '1300');
    await transfer(world.roles('ours'), { fromClient: talk(BYTES, 1), fromServer: talk(1000, 2) });
    const { counters } = await world.ours.call('state', {});
    expect(counters).toMatchObject({ pathMtuLearnt: 1, blackHoles: 0 });
  });

  test.each(OFFLOADS)('no router says so: every byte arrives all the same (RFC 4821), $mode', async ({ offload }) => {
    using world = await World.make({ offload, hurried: true }, { distant: true, stallMs: 30_000 });
    world.namespace.run('ip', 'link', 'set', 'near', 'mtu', '1300');
    world.namespace.run('nft', SILENT);
    await transfer(world.roles('ours'), { fromClient: talk(BYTES, 1), fromServer: talk(1000, 2) });
    const { counters } = await world.ours.call('state', {});
    expect(counters).toMatchObject({ pathMtuLearnt: 0 });
    expect(counters['blackHoles']).toBeGreaterThan(0);
  });
});
