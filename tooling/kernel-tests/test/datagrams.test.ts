/** UDP over TUN with the kernel as the peer, over both families and in both roles (RFC 768, RFC 1122 §4.1). */

import { Namespace } from '@tcpstack/netns/namespace';
import type { NodeProcess } from '@tcpstack/netns/node-process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kernelSuite } from '../src/suite.ts';

const SCRIPT = new URL('../src/datagram-side.ts', import.meta.url);
const FAMILIES = [
  { family: 'IPv4', ours: '10.77.0.2', kernels: '10.77.0.1', any: '0.0.0.0' },
  { family: 'IPv6', ours: 'fd00:77::2', kernels: 'fd00:77::1', any: '::' },
] as const;
const DATAGRAMS = 10_000;
const EXCHANGE_MS = 60_000;
const PORT = 7;

kernelSuite('datagrams with the kernel over TUN', [], () => {
  let namespace: Namespace;
  let us: NodeProcess;
  let them: NodeProcess;

  beforeEach(async () => {
    namespace = new Namespace();
    us = namespace.node(SCRIPT, ['ours']);
    await us.line('ready');
    them = namespace.node(SCRIPT, ['kernel']);
    await them.line('ready');
  });
  afterEach(() => namespace.remove());

  async function ask(side: NodeProcess, command: string): Promise<unknown> {
    side.say(command);
    return JSON.parse(await side.line(command.split(' ')[0] as string, EXCHANGE_MS));
  }

  describe.each(FAMILIES)('$family', ({ ours, kernels, any }) => {
    test('10,000 datagrams of the kernel, of up to 60,000 bytes, come back from our echo server', async () => {
      await ask(us, `serve ${any} ${PORT}`);
      const exchange = await ask(them, `exchange ${ours} ${PORT} ${DATAGRAMS}`);
      expect(exchange).toMatchObject({ sent: DATAGRAMS, same: DATAGRAMS, strange: 0 });
    });

    test("10,000 of ours come back from the kernel's", async () => {
      await ask(them, `serve ${any} ${PORT}`);
      const exchange = await ask(us, `exchange ${kernels} ${PORT} ${DATAGRAMS}`);
      expect(exchange).toMatchObject({ sent: DATAGRAMS, same: DATAGRAMS, strange: 0 });
    });

    test('a port where nobody is refuses with ECONNREFUSED: ours the kernel, and that of the kernel us', async () => {
      expect(await ask(them, `refused ${ours} 9`)).toBe('ECONNREFUSED');
      expect(await ask(us, `refused ${kernels} 9`)).toBe('ECONNREFUSED');
    });
  });

  test('a dual-stack server of ours echoes to both families from one socket (RFC 3493 §3.7)', async () => {
    await ask(us, `serve :: ${PORT}`);
    for (const { ours } of FAMILIES) {
      expect(await ask(them, `exchange ${ours} ${PORT} 100`)).toMatchObject({ sent: 100, same: 100, strange: 0 });
    }
  });
});
