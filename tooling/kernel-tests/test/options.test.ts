/** Each option of RFC 7323 and RFC 2018 on and off, on either side, in both roles; judged by what the kernel says is in use. */

import type { Settings } from '@tcpstack/sockets/host';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kernelSuite, ROLES } from '../src/suite.ts';
import { talk, transfer } from '../src/transfer.ts';
import { World } from '../src/world.ts';

/** Who leaves which options out, and the words of `ss` for what stays. */
interface Case {
  readonly title: string;
  readonly settings: Partial<Settings>;
  readonly kernel: Readonly<Record<string, number>>;
  readonly stays: readonly string[];
  readonly bytes: number;
}

const GIGABYTE = 1_000_000_000;
const SOME_BYTES = 64_000_000;
const ALL = ['ts', 'sack', 'wscale'] as const;
const OPTIONS = [
  { word: 'ts', name: 'timestamps', setting: 'timestamps', sysctl: 'tcp_timestamps' },
  { word: 'sack', name: 'SACK', setting: 'sack', sysctl: 'tcp_sack' },
  { word: 'wscale', name: 'window scaling', setting: 'windowScaling', sysctl: 'tcp_window_scaling' },
] as const;

const CASES: readonly Case[] = [
  { title: 'nobody leaves an option out', settings: {}, kernel: {}, stays: ALL, bytes: GIGABYTE },
  ...OPTIONS.flatMap(({ word, name, setting, sysctl }): Case[] => {
    const rest = { stays: ALL.filter((each) => each !== word), bytes: SOME_BYTES };
    return [
      { title: `we leave ${name} out`, settings: { [setting]: false }, kernel: {}, ...rest },
      { title: `the kernel leaves ${name} out`, settings: {}, kernel: { [sysctl]: 0 }, ...rest },
    ];
  }),
  {
    title: 'both leave everything out',
    settings: { timestamps: false, sack: false, windowScaling: false },
    kernel: { tcp_timestamps: 0, tcp_sack: 0, tcp_window_scaling: 0 },
    stays: [],
    bytes: SOME_BYTES,
  },
];

kernelSuite('options of TCP with the kernel', ['ss'], () => {
  describe.each(CASES)('$title', ({ settings, kernel, stays, bytes }) => {
    let world: World;
    beforeAll(async () => {
      world = await World.make({ offload: true, settings });
      world.setKernel({ tcp_timestamps: 1, tcp_sack: 1, tcp_window_scaling: 1, ...kernel });
    });
    afterAll(() => world?.[Symbol.dispose]());

    test.each(ROLES)('the kernel says so too (RFC 7323 §1.3, RFC 2018 §2): $opening', async ({ client: opener }) => {
      const { client, server } = world.roles(opener);
      const { port } = await server.call('listen', { services: ['stuck'] });
      await client.call('stick', { host: server.address, port });
      const words = world.kernelConnections().split(/[\s:]+/);
      expect(ALL.filter((each) => words.includes(each))).toEqual(stays);
      await client.call('reset', {});
    });

    test.each(ROLES)(`${bytes / 1e6} MB each way arrive as they left: $opening`, async ({ client }) => {
      await transfer(world.roles(client), { fromClient: talk(bytes, 1), fromServer: talk(bytes, 2) });
    });
  });
});
