/** A Host of ours as the router between two kernels, each in a namespace of its own behind a TUN device. */

import { Namespace } from '@tcpstack/netns/namespace';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf } from '../src/pseudo-random.ts';
import type { RouterChoice } from '../src/router-side.ts';
import { kernelSuite } from '../src/suite.ts';

const ROUTER = new URL('../src/router-side.ts', import.meta.url);
const SIDE = new URL('../src/digest-side.ts', import.meta.url);
const BYTES = 5_000_000;
const FAR_MTU_BYTES = 1280;
/** Each end has .2 and ::2 of its link, and the router .1 and ::1. */
const FAMILIES = [
  { flag: '-4', all: '0.0.0.0/0', near: '10.78.0', far: '10.79.0', separator: '.', bits: 24 },
  { flag: '-6', all: '::/0', near: 'fd00:78:', far: 'fd00:79:', separator: ':', bits: 64 },
] as const;

kernelSuite('Two kernels with our router between them', ['ping'], () => {
  let near: Namespace;
  let far: Namespace;

  beforeEach(() => {
    near = new Namespace();
    far = new Namespace();
  });
  afterEach(() => {
    near.remove();
    far.remove();
  });

  async function route(choice: RouterChoice) {
    const router = near.node(ROUTER, [JSON.stringify(choice)]);
    await router.line('ready');
    near.run('ip', 'link', 'set', 'far', 'netns', far.name);
    for (const [namespace, device] of [
      [near, 'near'],
      [far, 'far'],
    ] as const) {
      const lines = FAMILIES.flatMap(({ all, bits, separator, [device]: net }) => [
        `addr add ${net}${separator}2/${bits} dev ${device} ${separator === ':' ? 'nodad' : ''}`,
        `route add ${all} via ${net}${separator}1`,
      ]);
      const [address4, route4, address6, route6] = lines;
      const commands = [address4, address6, `link set ${device} up`, route4, `-6 ${route6}`];
      namespace.run('sh', '-c', commands.map((line) => `ip ${line}`).join(' && '));
    }
    return router;
  }

  test('they reach each other over both families: by streams, and by pings that learn of the narrower link', async () => {
    // What comes in super-segments has to be split, and to be summed.
    const router = await route({ offload: [true, false], farMtuBytes: FAR_MTU_BYTES });
    const [here, there] = [near.node(SIDE, ['kernel']), far.node(SIDE, ['kernel'])];
    for (const { flag, near: ours, far: net, separator } of FAMILIES) {
      const to = `${net}${separator}2`;
      const ping = (...options: string[]) => near.run('sh', '-c', `ping ${flag} ${options.join(' ')} ${to} || true`);
      // RFC 1812 §5.3.1, RFC 4443 §3.3
      expect(ping('-c', '1', '-t', '1', '-W', '2')).toMatch(new RegExp(`From ${ours}${separator}1.*exceeded`, 'i'));
      // RFC 1191 §4, RFC 4443 §3.2
      expect(ping('-c', '1', '-M', 'do', '-s', '1400', '-W', '2')).toMatch(/mtu ?= ?1280/);
      expect(ping('-c', '1', '-s', '3000', '-W', '2')).toContain(' 0% packet loss');
      there.say(`serve ${to} 80`);
      await there.line('serve');
      here.say(`send ${to} 80 ${BYTES} 1`);
      expect(await here.line('send')).toBe(digestOf(BYTES, 1));
    }
    router.say('counters');
    const counters = JSON.parse(await router.line('counters'));
    expect(counters.forwardedIpv4).toBeGreaterThan(100);
    expect(counters.forwardedIpv6).toBeGreaterThan(100);
    expect(counters).toMatchObject({ badHeaders: 0, badSources: 0, forwardNoRoute: 0, hopsExceeded: 2 });
  });
});
