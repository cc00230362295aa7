/** Section "What a new user does", "`pnpm echo --tun` is the same for the echo server (RFC 862, port 7)". */

import { fileURLToPath } from 'node:url';
import { Namespace } from '@tcpstack/netns/namespace';
import { expect, test } from 'vitest';
import { ECHO_SERVER, startApp } from '../src/apps.ts';
import { OUR_ADDRESS } from '../src/link-choice.ts';
import { kernelSuite } from '../src/suite.ts';
import { startKernelSide } from '../src/world.ts';

const PEER = fileURLToPath(new URL('../src/simple-services-peer.py', import.meta.url));

kernelSuite('the echo server over TUN', ['python3'], () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('every byte comes back, RFC 862; %s ends it with 0', async (signal) => {
    const namespace = new Namespace();
    try {
      const { app, where } = await startApp(namespace, ECHO_SERVER);
      expect(where).toBe(`${OUR_ADDRESS}:7: echo, TCP and UDP`);
      const kernel = await startKernelSide(namespace);
      expect(await kernel.call('echo', { host: OUR_ADDRESS, port: 7, count: 50 })).toEqual({ differing: 0 });
      app.child.kill(signal);
      expect(await app.success()).toContain('echo: 50 connections, 5,000 bytes in, 5,000 out');
      expect(namespace.run('ip', '-br', 'link')).not.toContain('tcp0');
    } finally {
      namespace.remove();
    }
  });

  test('echo, discard and chargen serve the kernel over TCP and UDP of both families (RFC 862, 863, 864)', async () => {
    const namespace = new Namespace();
    try {
      const ipv6 = ['--ipv6', 'fd00:77::2/64', '--host-ipv6', 'fd00:77::1/64'];
      const { app } = await startApp(namespace, ECHO_SERVER, ...ipv6);
      await app.line(`listening on ${OUR_ADDRESS}:19: chargen`);
      expect(namespace.run('timeout', '20', 'python3', PEER, OUR_ADDRESS, 'fd00:77::2')).toBe('ok\n');
      app.child.kill('SIGTERM');
      await app.success();
    } finally {
      namespace.remove();
    }
  });
});
