/** A transfer with the kernel over a bridge that marks, loses, reorders and repeats packets, both ways and in both roles. */

import { describe, expect, test } from 'vitest';
import { judgeEcn } from '../src/ecn-judge.ts';
import { Scratch } from '../src/scratch.ts';
import { kernelSuite, OFFLOADS, ROLES } from '../src/suite.ts';
import { talk, transfer } from '../src/transfer.ts';
import { World } from '../src/world.ts';

const STALL_MS = 30_000;
const BYTES = 20_000_000;
/** Percentages that hit thousands of packets and leave a window of some ten segments; short, so that it ends soon. */
const WAY = {
  delayMs: 0.3,
  mbitPerSecond: 400,
  lossPercent: 0.3,
  reorderPercent: 1,
  duplicatePercent: 1,
  markPercent: 1,
} as const;

kernelSuite('a network that marks, loses, reorders and repeats', ['tshark'], () => {
  describe.each(OFFLOADS)('$mode', ({ offload }) => {
    test.each(ROLES)(
      '20 MB each way arrive as they left, and both sides hear the marks (RFC 3168): $opening',
      async ({ client }) => {
        using scratch = new Scratch();
        const capture = scratch.path('marked.pcapng');
        const bridge = { forth: { seed: 31, ...WAY }, back: { seed: 32, ...WAY } };
        using world = await World.make({ offload, capture, settings: { ecn: 1 } }, { stallMs: STALL_MS, bridge });
        world.setKernel({ tcp_ecn: 1 });
        await transfer(world.roles(client), { fromClient: talk(BYTES, 1), fromServer: talk(BYTES, 2) });
        const network = await world.bridge?.renew(bridge);
        for (const way of [network?.forth, network?.back]) {
          for (const fate of ['lost', 'duplicated', 'reordered', 'marked'] as const) {
            expect(way?.[fate], fate).toBeGreaterThan(10);
          }
          expect(way?.refused).toBe(0);
        }
        await world.end();
        const { ours, kernels } = judgeEcn(capture);
        const [opened, answered] = client === 'ours' ? [ours, kernels] : [kernels, ours];
        expect([opened.handshake, answered.handshake]).toEqual(['ECE CWR', 'ECE']);
        for (const sent of [ours, kernels]) {
          expect(sent.capable).toBeGreaterThan(100);
          expect(sent.echoes).toBeGreaterThan(10);
          expect(sent.answers).toBeGreaterThan(10);
        }
        // Marked between the kernel and us: only what came in can carry it.
        expect(kernels.marked).toBeGreaterThan(10);
        expect(ours.marked).toBe(0);
      },
    );
  });
});
