/** Whom our listener lets in, with clients of the kernel's: TCP_DEFER_ACCEPT, and a third segment when the accept queue is full. */

import { fileURLToPath } from 'node:url';
import { NodeProcess } from '@tcpstack/netns/node-process';
import { expect, test } from 'vitest';
import { OUR_ADDRESS } from '../src/link-choice.ts';
import { kernelSuite } from '../src/suite.ts';
import { World } from '../src/world.ts';

const PEER = fileURLToPath(new URL('../src/crowd-peer.py', import.meta.url));
const PORT = 80;
/** So long is each packet under way: SYNs of one moment are all there before the first third segment is. */
const IMPAIRMENTS = { seed: 1, delayMs: 60 } as const;
/** Long enough that no test is late; and as long as the first SYN-ACK waits to go out again. */
const LONG_SECONDS = 60;
const SHORT_SECONDS = 1;
const SYN_ACK_AGAIN_MS = 1000;
const PATIENCE = { timeout: 10_000 };

function knock(world: World, count: number): NodeProcess {
  return new NodeProcess(world.home.spawn('python3', [PEER, OUR_ADDRESS, `${PORT}`, `${count}`], { stdio: 'pipe' }));
}

const admit = async (world: World): Promise<number> => (await world.ours.call('admit', {})).count;

const counter =
  (world: World, name: string): (() => Promise<number>) =>
  async () =>
    (await world.ours.call('state', {})).counters[name] ?? 0;

kernelSuite('who is let in', ['python3'], () => {
  test('with TCP_DEFER_ACCEPT an ACK alone opens nothing, and data does', async () => {
    using world = await World.make({ offload: true, impairments: IMPAIRMENTS });
    await world.ours.call('door', { port: PORT, backlog: 5, deferSeconds: LONG_SECONDS });
    const clients = knock(world, 1);
    await clients.line('connected');
    await expect.poll(counter(world, 'deferAcceptDrops'), PATIENCE).toBeGreaterThan(0);
    expect(await admit(world)).toBe(0);
    clients.say('go on');
    await expect.poll(() => admit(world), PATIENCE).toBe(1);
    expect(JSON.parse(await clients.line('done '))).toEqual(['hello']);
  });

  test('when the time of TCP_DEFER_ACCEPT is over, the ACK of the next SYN-ACK opens it without data', async () => {
    using world = await World.make({ offload: true, impairments: IMPAIRMENTS });
    await world.ours.call('door', { port: PORT, backlog: 5, deferSeconds: SHORT_SECONDS });
    const clients = knock(world, 1);
    await clients.line('connected');
    await expect.poll(counter(world, 'deferAcceptDrops'), PATIENCE).toBeGreaterThan(0);
    await world.ours.call('skip', { ms: SYN_ACK_AGAIN_MS });
    await expect.poll(() => admit(world), PATIENCE).toBe(1);
    clients.say('go on');
    expect(JSON.parse(await clients.line('done '))).toEqual(['hello']);
  });

  test('when the accept queue is full, a third segment is ignored, and the data opens the connection later', async () => {
    using world = await World.make({ offload: true, impairments: IMPAIRMENTS });
    await world.ours.call('door', { port: PORT, backlog: 0, deferSeconds: 0 });
    const clients = knock(world, 2);
    await clients.line('connected');
    await expect.poll(counter(world, 'listenOverflows'), PATIENCE).toBeGreaterThan(0);
    expect(await admit(world)).toBe(1);
    clients.say('go on');
    await expect.poll(() => admit(world), PATIENCE).toBe(1);
    expect(JSON.parse(await clients.line('done '))).toEqual(['hello', 'hello']);
  });

  test('with abortOnOverflow it is answered by a reset, which the kernel reports', async () => {
    using world = await World.make({ offload: true, impairments: IMPAIRMENTS, settings: { abortOnOverflow: true } });
    await world.ours.call('door', { port: PORT, backlog: 0, deferSeconds: 0 });
    const clients = knock(world, 2);
    await clients.line('connected');
    await expect.poll(counter(world, 'embryonicResets'), PATIENCE).toBe(1);
    expect(await admit(world)).toBe(1);
    await expect
      .poll(() =>
        world
          .kernelConnections()
          .split('\n')
          .filter((line) => line.includes('mss:')),
      )
      .toHaveLength(1);
    clients.say('go on');
    expect(JSON.parse(await clients.line('done ')).sort()).toEqual(['ECONNRESET', 'hello']);
    expect(await admit(world)).toBe(0);
  });
});
