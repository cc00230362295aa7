/** SYN cookies of our listener (RFC 4987 §3.6) with the kernel as the client: what the SYN said comes back with the ACK. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAMILY_OFFLOADS, kernelSuite } from '../src/suite.ts';
import { talk, transfer } from '../src/transfer.ts';
import { World } from '../src/world.ts';

const ALWAYS = 2;
const CONNECTIONS = 50;
const BYTES = 300_000;
/** Idle connections ask whether we are there after so long: later than the test ends. */
const IDLE_MS = 60_000;

/** What the kernel leaves out of its SYN, and the words of `ss` for what is in use all the same. */
const CASES = [
  { title: 'with timestamps', timestamps: 1, words: ['ts', 'sack', 'wscale'] },
  // The timestamp is where a cookie keeps the other options: without it, as in Linux, there are none.
  { title: 'without timestamps', timestamps: 0, words: [] },
] as const;

const OPTION_WORDS = ['ts', 'sack', 'wscale'];

/** The options among the words of a line of `ss -i`. */
function optionsOf(line: string): string[] {
  const words = line.split(/[\s:]+/);
  return OPTION_WORDS.filter((each) => words.includes(each));
}

kernelSuite('SYN cookies always, and the kernel connects', ['ss'], () => {
  describe.each(FAMILY_OFFLOADS)('$way', ({ family, offload }) => {
    describe.each(CASES)('$title', ({ timestamps, words }) => {
      let world: World;
      beforeAll(async () => {
        world = await World.make({ family, offload, settings: { synCookies: ALWAYS } });
        world.setKernel({ tcp_timestamps: timestamps, tcp_sack: 1, tcp_window_scaling: 1 });
      });
      afterAll(() => world?.[Symbol.dispose]());

      test(`${CONNECTIONS} connections at once take and give ${BYTES} bytes each as they left`, async () => {
        await transfer(world.roles('kernel'), {
          fromClient: talk(BYTES, 1),
          fromServer: talk(BYTES, 2),
          connections: CONNECTIONS,
        });
        const { counters } = await world.ours.call('state', {});
        expect(counters).toMatchObject({
          passiveOpens: CONNECTIONS,
          synCookiesReceived: CONNECTIONS,
          synCookiesFailed: 0,
          badChecksums: 0,
          badSegments: 0,
        });
        expect(counters['synCookiesSent']).toBeGreaterThanOrEqual(CONNECTIONS);
      });

      test(`both sides say that they agreed to: ${words.join(', ') || 'nothing'}`, async () => {
        const { port } = await world.ours.call('listen', { services: ['echo'] });
        const to = { host: world.ours.address, port, delayMs: IDLE_MS };
        for (let i = 0; i < CONNECTIONS; i++) await world.kernel.call('keepAlive', to);
        const agreed = async (): Promise<readonly string[]> => (await world.ours.call('state', {})).agreed;
        await expect.poll(agreed).toHaveLength(CONNECTIONS);
        const theirs = world
          .kernelConnections()
          .split('\n')
          .filter((line) => line.includes('mss:'));
        expect(theirs.map(optionsOf)).toEqual(Array.from({ length: CONNECTIONS }, () => words));
        const ours = await agreed();
        expect(ours.map(optionsOf)).toEqual(Array.from({ length: CONNECTIONS }, () => words));
        // What one side says of its own scale, the other says of its peer's.
        const scalesOf = (line: string): string[] => /wscale:(\d+),(\d+)/.exec(line)?.slice(1) ?? [];
        expect(ours.map(scalesOf)).toEqual(theirs.map((line) => scalesOf(line).reverse()));
      });
    });
  });
});
