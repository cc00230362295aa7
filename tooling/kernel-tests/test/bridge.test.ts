/** The bad network between two kernels, without us: it must be as bad as it says, and no worse. */

import { Namespace } from '@tcpstack/netns/namespace';
import { Bridge } from '@tcpstack/rig/bridge';
import type { Way } from '@tcpstack/rig/way';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kernelSuite } from '../src/suite.ts';

const FAR_ADDRESS = '10.79.0.2';

kernelSuite('the bridge of the rig', ['ping'], () => {
  let near: Namespace;
  let far: Namespace;
  let bridge: Bridge;
  beforeAll(async () => {
    [near, far] = [new Namespace(), new Namespace()];
    bridge = await Bridge.connect(
      { namespace: near, device: 'near0', address: '10.79.0.1/24' },
      { namespace: far, device: 'far0', address: `${FAR_ADDRESS}/24` },
      { forth: { seed: 0 }, back: { seed: 0 } },
    );
  });
  afterAll(() => {
    near?.remove();
    far?.remove();
  });

  async function ping(way: Omit<Way, 'seed'>, count: number): Promise<string> {
    await bridge.renew({ forth: { seed: 1, ...way }, back: { seed: 2, ...way } });
    return near.run('sh', '-c', `ping -c ${count} -i 0.02 -W 1 ${FAR_ADDRESS} || true`);
  }

  test('a delay of 25 ms each way is a round trip of 50 ms, within a millisecond', async () => {
    const said = await ping({ delayMs: 25 }, 50);
    // The median would say it best; ping gives the least, and on a busy machine the others only grow.
    const leastMs = Number(/rtt min\/avg\/max\/mdev = ([\d.]+)/.exec(said)?.[1]);
    expect(leastMs).toBeGreaterThanOrEqual(50);
    expect(leastMs).toBeLessThan(51);
  });

  test('packets get lost, twice and late as often as it counts', async () => {
    const said = await ping({ lossPercent: 20, duplicatePercent: 20, reorderPercent: 20 }, 100);
    const { forth, back } = await bridge.renew({ forth: { seed: 0 }, back: { seed: 0 } });
    expect(forth).toMatchObject({ arrived: 100, overflowed: 0, refused: 0 });
    expect(forth.passed).toBe(forth.arrived - forth.lost + forth.duplicated);
    expect(back.arrived).toBe(forth.passed);
    expect([forth, back].every(({ lost, duplicated, reordered }) => Math.min(lost, duplicated, reordered) > 5)).toBe(
      true,
    );
    const [, received, duplicates = 0] = /(\d+) received,(?: \+(\d+) duplicates,)?/.exec(said) ?? [];
    expect(Number(received) + Number(duplicates)).toBe(back.passed);
  });
});
