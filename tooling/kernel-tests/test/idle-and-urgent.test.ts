/** Keep-alives, urgent data and path MTU discovery with the kernel. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { NodeProcess } from '@tcpstack/netns/node-process';
import { describe, expect, test } from 'vitest';
import { KERNEL_ADDRESS, OUR_ADDRESS } from '../src/link-choice.ts';
import { Scratch } from '../src/scratch.ts';
import { kernelSuite, OFFLOADS, ROLES } from '../src/suite.ts';
import { talk, transfer } from '../src/transfer.ts';
import type { UrgentSeen } from '../src/urgent.ts';
import { World } from '../src/world.ts';

const URGENT_PEER = fileURLToPath(new URL('../src/urgent-peer.py', import.meta.url));
const URGENT_PORT = 7777;
const SEEN: UrgentSeen = { urgent: '!', parts: ['abc', 'def'] };
/** The least that both sides know: a second of silence, then a probe each second. */
const KEEP_ALIVE = { delayMs: 1000, probes: 2, patienceMs: 15_000 } as const;
const NARROW_MTU_BYTES = 1200;

/** Addresses of the senders of what matches, in a capture. */
function sendersOf(capture: string, filter: string): string[] {
  const args = ['-n', '-r', capture, '-Y', filter, '-T', 'fields', '-e', 'ip.src'];
  const { status, stdout, stderr } = spawnSync('tshark', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tshark could not read the capture: ${stderr}`);
  return stdout.split('\n').filter((line) => line !== '');
}

const from = (senders: readonly string[], address: string): number => senders.filter((each) => each === address).length;

kernelSuite('with the kernel', ['tshark', 'python3'], () => {
  test('each side answers the keep-alives of the other, RFC 9293 §3.8.4 [MUST-24]', async () => {
    using scratch = new Scratch();
    const capture = scratch.path('idle.pcapng');
    using world = await World.make({ offload: true, capture });
    for (const { client: opener } of ROLES) {
      const { client, server } = world.roles(opener);
      const { port } = await server.call('listen', { services: ['echo'] });
      await client.call('keepAlive', { host: server.address, port, delayMs: KEEP_ALIVE.delayMs });
    }
    const ourProbes = async (): Promise<number> =>
      (await world.ours.call('state', {})).counters['keepAliveProbes'] ?? 0;
    const kernelProbes = (): number => world.kernelCounter('TCPKeepAlive');
    const options = { timeout: KEEP_ALIVE.patienceMs };
    await expect.poll(ourProbes, options).toBeGreaterThanOrEqual(KEEP_ALIVE.probes);
    await expect.poll(kernelProbes, options).toBeGreaterThanOrEqual(KEEP_ALIVE.probes);
    await world.end();
    const probes = sendersOf(capture, 'tcp.analysis.keep_alive');
    const answers = sendersOf(capture, 'tcp.analysis.keep_alive_ack');
    for (const [prober, answerer] of [
      [OUR_ADDRESS, KERNEL_ADDRESS],
      [KERNEL_ADDRESS, OUR_ADDRESS],
    ] as const) {
      expect(from(probes, prober)).toBeGreaterThanOrEqual(KEEP_ALIVE.probes);
      // The end may have come between a probe and its answer.
      expect(from(answers, answerer)).toBeGreaterThanOrEqual(from(probes, prober) - 1);
    }
  });

  test.each(ROLES)('urgent data goes both ways, RFC 9293 §3.8.5 [MUST-30]: $opening', async ({ client }) => {
    using world = await World.make({ offload: true });
    const isClient = client === 'kernel';
    const [how, address] = isClient ? ['connect', OUR_ADDRESS] : ['listen', KERNEL_ADDRESS];
    const peer = new NodeProcess(
      world.home.spawn('python3', [URGENT_PEER, how, address, String(URGENT_PORT)], { stdio: 'pipe' }),
    );
    if (!isClient) await peer.line('ready');
    const ours = world.ours.call('urgent', { ...(isClient ? {} : { host: address }), port: URGENT_PORT });
    const [seenByUs, seenByKernel] = await Promise.all([ours, peer.line('seen ')]);
    expect(seenByUs).toEqual(SEEN);
    expect(JSON.parse(seenByKernel)).toEqual(SEEN);
  });

  describe.each(OFFLOADS)('$mode', ({ offload }) => {
    test.each(ROLES)(
      'a router that carries 1200 bytes makes us send smaller segments, RFC 1191 §6: $opening',
      async ({ client }) => {
        using world = await World.make({ offload }, { distant: true });
        world.namespace.run('ip', 'link', 'set', 'near', 'mtu', `${NARROW_MTU_BYTES}`);
        // A cable drops in silence what its other end does not take, so the kernel is told; but it must not tell us.
        const route = ['10.77.0.0/24', 'via', '10.78.0.2', 'mtu', 'lock', `${NARROW_MTU_BYTES}`, 'advmss', '1460'];
        world.home.run('ip', 'route', 'replace', ...route);
        const bytes = 5_000_000;
        await transfer(world.roles(client), { fromClient: talk(bytes, 1), fromServer: talk(bytes, 2) });
        const { counters } = await world.ours.call('state', {});
        expect(counters['connectionIcmpErrors']).toBeGreaterThan(0);
        // No more than what was on its way when the router said so, for each of which it may say it again.
        expect(counters['connectionIcmpErrors']).toBeLessThan(100);
      },
    );
  });
});
