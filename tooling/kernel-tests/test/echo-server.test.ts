/** Section "What a new user does", "`pnpm echo --tun` is the same for the echo server (RFC 862, port 7)". */

import { Namespace } from '@tcpstack/netns/namespace';
import { expect, test } from 'vitest';
import { ECHO_SERVER, startApp } from '../src/apps.ts';
import { OUR_ADDRESS } from '../src/link-choice.ts';
import { kernelSuite } from '../src/suite.ts';
import { startKernelSide } from '../src/world.ts';

kernelSuite('the echo server over TUN', [], () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('every byte comes back, RFC 862; %s ends it with 0', async (signal) => {
    const namespace = new Namespace();
    try {
      const { app, where } = await startApp(namespace, ECHO_SERVER);
      expect(where).toBe(`${OUR_ADDRESS}:7`);
      const kernel = await startKernelSide(namespace);
      expect(await kernel.call('echo', { host: OUR_ADDRESS, port: 7, count: 50 })).toEqual({ differing: 0 });
      app.child.kill(signal);
      await app.success();
      expect(namespace.run('ip', '-br', 'link')).not.toContain('tcp0');
    } finally {
      namespace.remove();
    }
  });
});
