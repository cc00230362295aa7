/** Proof, "IPv6 ... against the kernel in a namespace: ping, curl, 100 MB each way", over TUN. */

import { Namespace } from '@tcpstack/netns/namespace';
import type { NodeProcess } from '@tcpstack/netns/node-process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HTTP_DEMO } from '../src/apps.ts';
import type { DeviceChoice } from '../src/digest-side.ts';
import { judgeEthernet } from '../src/ethernet-judge.ts';
import { digestOf } from '../src/pseudo-random.ts';
import { Scratch } from '../src/scratch.ts';
import { kernelSuite, OFFLOADS } from '../src/suite.ts';

const SCRIPT = new URL('../src/digest-side.ts', import.meta.url);
const HTTP_SCRIPT = new URL('../src/http-over-device.ts', import.meta.url);
const [OURS, KERNELS] = ['fd00:77::2', 'fd00:77::1'];
const CHOICE: DeviceChoice = { offload: true, hostAddress: [`${KERNELS}/64`], addresses: [`${OURS}/64`] };
const BULK_BYTES = 100_000_000;
const TRANSFER_MS = 60_000;

kernelSuite('IPv6 with the kernel over TUN', ['ping', 'tshark', 'curl'], () => {
  let namespace: Namespace;

  beforeEach(() => {
    namespace = new Namespace();
  });
  afterEach(() => namespace.remove());

  async function start(choice: Partial<DeviceChoice> = {}): Promise<NodeProcess> {
    const side = namespace.node(SCRIPT, ['ours', JSON.stringify({ ...CHOICE, ...choice })]);
    await side.line('ready');
    // The kernel takes its address into use a little after the device is up.
    await expect.poll(() => namespace.run('ip', '-6', 'addr', 'show', 'dev', 'tcp0', 'tentative')).toBe('');
    return side;
  }

  async function ask(side: NodeProcess, command: string, ms?: number): Promise<string> {
    side.say(command);
    return side.line(command.split(' ')[0] as string, ms);
  }

  const ping = (...more: string[]) => namespace.run('ping', '-6', '-c', '3', '-i', '0.05', '-W', '2', ...more, OURS);

  describe.each(OFFLOADS)('$mode', ({ offload }) => {
    test('100 MB arrive as they left, from the kernel to us and from us to the kernel', async () => {
      const us = await start({ offload });
      const them = namespace.node(SCRIPT, ['kernel']);
      await Promise.all([ask(us, `serve ${OURS} 80`), ask(them, `serve ${KERNELS} 80`)]);
      expect(await ask(them, `send ${OURS} 80 ${BULK_BYTES} 1`, TRANSFER_MS)).toBe(digestOf(BULK_BYTES, 1));
      expect(await ask(us, `send ${KERNELS} 80 ${BULK_BYTES} 2`, TRANSFER_MS)).toBe(digestOf(BULK_BYTES, 2));
      const counters = JSON.parse(await ask(us, 'counters'));
      expect(counters).toMatchObject({ badChecksums: 0, badSegments: 0, badHeaders: 0 });
    });

    test('pings of any size are answered, those in fragments by fragments (RFC 4443 §4.2, RFC 8200 §4.5)', async () => {
      await start({ offload });
      for (const size of ['0', '56', '1452', '1453', '20000', '65000']) {
        // One at a time: the receive buffer of ping's socket has room for one of the largest.
        expect(ping('-c', '1', '-s', size)).toContain(' 0% packet loss');
      }
    });

    test('tshark finds nothing malformed and no bad checksum in pings, streams and a refusal', async () => {
      using scratch = new Scratch();
      const capture = scratch.path('ipv6.pcapng');
      const us = await start({ offload, capture });
      const them = namespace.node(SCRIPT, ['kernel']);
      await Promise.all([ask(us, `serve ${OURS} 80`), ask(them, `serve ${KERNELS} 80`)]);
      ping();
      ping('-s', '20000');
      expect(await ask(them, `send ${OURS} 80 1000000 1`)).toBe(digestOf(1_000_000, 1));
      expect(await ask(us, `send ${KERNELS} 80 1000000 2`)).toBe(digestOf(1_000_000, 2));
      expect(await ask(them, `send ${OURS} 9 1 1`)).toContain('ECONNREFUSED');
      expect(await ask(us, `send ${KERNELS} 9 1 1`)).toContain('ECONNREFUSED');
      await ask(us, 'close');
      const { frames, faults } = judgeEthernet(capture);
      expect(faults).toEqual([]);
      expect(frames).toBeGreaterThan(100);
    });
  });

  test('the demo serves curl over both families with --ipv6 and --host-ipv6', async () => {
    const options = ['--ipv6', `${OURS}/64`, '--host-ipv6', `${KERNELS}/64`];
    await namespace.node(HTTP_DEMO, ['--tun', ...options]).line('listening on ');
    for (const host of [`[${OURS}]`, '10.77.0.2']) {
      expect(namespace.run('curl', '-sS', '-m', '10', `http://${host}/`)).toContain('our own TCP</title>');
    }
  });

  test("curl gets its page from a server of node:http's on our stack", async () => {
    await namespace.node(HTTP_SCRIPT).line('ready');
    expect(namespace.run('curl', '-6', '-sS', '-m', '10', `http://[${OURS}]/a`)).toBe(`GET /a from ${KERNELS}\n`);
  });
});
