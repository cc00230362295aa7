/** TCP Fast Open (RFC 7413) with the kernel in both roles, judged by tshark and by the kernel's counters. */

import { fileURLToPath } from 'node:url';
import { NodeProcess } from '@tcpstack/netns/node-process';
import { describe, expect, test } from 'vitest';
import { digestOfQuestion } from '../src/fast-open.ts';
import { readHandshakes } from '../src/fast-open-judge.ts';
import type { Family } from '../src/link-choice.ts';
import { Scratch } from '../src/scratch.ts';
import { FAMILY_OFFLOADS, kernelSuite } from '../src/suite.ts';
import { World } from '../src/world.ts';

const PEER = fileURLToPath(new URL('../src/fast-open-peer.py', import.meta.url));
const PORT = 7413;
const BOTH = 3;
/** The first brings the cookie; the last does not fit on a SYN. */
const SIZES = [100, 200, 20_000];
/** So long is each packet under way: what leaves before the third segment has come does so by far. */
const DELAY_MS = 20;

/** An MSS of 1460 bytes or 1440, less the most that options can take; an answer comes to the whole of the question only. */
function fullSyn(family: Family): string[] {
  const bytes = family === 4 ? 1420 : 1400;
  return [`SYN with ${bytes} shows`, `SYN-ACK of ${bytes}`, 'ACK'];
}

function digests(reversed: boolean): string[] {
  return SIZES.map((size) => digestOfQuestion(size, reversed));
}

function startPeer(world: World, how: 'serve' | 'ask', address: string): NodeProcess {
  const args = [PEER, how, address, `${PORT}`, ...SIZES.map(String)];
  return new NodeProcess(world.home.spawn('python3', args, { stdio: 'pipe' }));
}

function makeWorld(family: Family, offload: boolean, capture: string): Promise<World> {
  return World.make({
    family,
    offload,
    capture,
    settings: { fastOpen: BOTH },
    impairments: { seed: 1, delayMs: DELAY_MS },
  });
}

kernelSuite('TCP Fast Open with the kernel', ['tshark', 'python3'], () => {
  describe.each(FAMILY_OFFLOADS)('$way', ({ family, offload }) => {
    test('we give the kernel a cookie, and answer the data of its next SYN before the handshake ends (§3.1)', async () => {
      using scratch = new Scratch();
      const capture = scratch.path('server.pcapng');
      using world = await makeWorld(family, offload, capture);
      world.setKernel({ tcp_fastopen: BOTH });
      const serving = world.ours.call('serveFastOpen', { port: PORT, sizes: SIZES });
      const peer = startPeer(world, 'ask', world.ours.address);
      expect(JSON.parse(await peer.line('done '))).toEqual(digests(true));
      expect(await serving).toEqual(digests(false));
      expect(world.kernelCounter('TCPFastOpenActive')).toBe(2);
      expect(world.kernelCounter('TCPFastOpenActiveFail')).toBe(0);
      const { counters } = await world.ours.call('state', {});
      expect(counters).toMatchObject({ fastOpenCookiesAsked: 1, fastOpenPassive: 2, fastOpenPassiveFails: 0 });
      await world.end();
      const [first, second, third] = readHandshakes(capture);
      expect(first).toEqual(['SYN asks', 'SYN-ACK of 0 gives', 'ACK']);
      expect(second).toEqual(['SYN with 200 shows', 'SYN-ACK of 200', 'answer 200', 'ACK']);
      expect(third).toEqual(fullSyn(family));
    });

    test('the kernel gives us a cookie, and takes the data of our next SYN (§3.1)', async () => {
      using scratch = new Scratch();
      const capture = scratch.path('client.pcapng');
      using world = await makeWorld(family, offload, capture);
      world.setKernel({ tcp_fastopen: BOTH });
      const peer = startPeer(world, 'serve', world.kernel.address);
      await peer.line('ready');
      const asked = world.ours.call('askFastOpen', { host: world.kernel.address, port: PORT, sizes: SIZES });
      expect(await asked).toEqual(digests(true));
      expect(JSON.parse(await peer.line('done '))).toEqual(digests(false));
      expect(world.kernelCounter('TCPFastOpenPassive')).toBe(2);
      expect(world.kernelCounter('TCPFastOpenPassiveFail')).toBe(0);
      const { counters } = await world.ours.call('state', {});
      expect(counters).toMatchObject({ fastOpenActive: 2, fastOpenActiveFails: 0 });
      await world.end();
      const [first, second, third] = readHandshakes(capture);
      expect(first).toEqual(['SYN asks', 'SYN-ACK of 0 gives', 'ACK']);
      // Whether its answer overtakes our ACK is the kernel's affair.
      expect(second?.slice(0, 2)).toEqual(['SYN with 200 shows', 'SYN-ACK of 200']);
      expect(third?.slice(0, 2)).toEqual(fullSyn(family).slice(0, 2));
    });
  });

  test('a kernel that gave no cookie is asked for one as the experiment that it once was, and gives it (§10)', async () => {
    using world = await World.make({ offload: true, settings: { fastOpen: BOTH } });
    // Of a client only.
    world.setKernel({ tcp_fastopen: 1 });
    const peer = startPeer(world, 'serve', world.kernel.address);
    await peer.line('ready');
    const ask = (...sizes: number[]) =>
      world.ours.call('askFastOpen', { host: world.kernel.address, port: PORT, sizes });
    const heard = await ask(SIZES[0] as number);
    world.setKernel({ tcp_fastopen: BOTH });
    heard.push(...(await ask(...SIZES.slice(1))));
    expect(heard).toEqual(digests(true));
    expect(JSON.parse(await peer.line('done '))).toEqual(digests(false));
    expect(world.kernelCounter('TCPFastOpenPassive')).toBe(1);
    expect((await world.ours.call('state', {})).counters).toMatchObject({ fastOpenActive: 1, fastOpenActiveFails: 0 });
  });
});
