/** Without root: in a user namespace (`unshare -Urn`), and on a device that root prepared, as the README says. */

import { createHash } from 'node:crypto';
import { Namespace } from '@tcpstack/netns/namespace';
import { NodeProcess, nodeArguments } from '@tcpstack/netns/node-process';
import { expect, test } from 'vitest';
import { HTTP_DEMO, runDemo } from '../src/apps.ts';
import { kernelSuite } from '../src/suite.ts';
import { UserNamespace } from '../src/user-namespace.ts';

const CURL = ['--silent', '--show-error', '--fail', '--max-time', '20'];

kernelSuite('without root, in a user namespace', ['unshare', 'nsenter', 'curl'], () => {
  test('the demo makes its device there, serves curl, and ends with SIGTERM', async () => {
    using inside = await UserNamespace.make();
    // One user is known there, so whoever it is has no more rights outside than before.
    expect(inside.run('cat', '/proc/self/uid_map').trim()).toMatch(/^0 +\d+ +1$/);
    expect(inside.run('ip', '-br', 'link')).not.toContain('tcp0');
    const demo = inside.node(HTTP_DEMO, '--tun');
    const url = await demo.line('listening on ');
    expect(inside.run('curl', ...CURL, url)).toContain('<title>This page crossed our own TCP</title>');
    const body = 'a user without any right';
    const answer = inside.run('curl', ...CURL, '--data-binary', body, `${url}upload`);
    expect(answer).toContain(createHash('sha256').update(body).digest('hex'));
    demo.child.kill('SIGTERM');
    await demo.success();
    expect(inside.run('ip', '-br', 'link')).not.toContain('tcp0');
  });
});

kernelSuite('without root, on a device that root prepared', ['setpriv', 'curl'], () => {
  test('the demo takes it as it is, and leaves it as it was', async () => {
    const namespace = new Namespace();
    try {
      // Its owner here is root without a right: a name is all that tells the two cases apart for the kernel.
      namespace.run('ip', 'tuntap', 'add', 'dev', 'tcp0', 'mode', 'tun', 'user', '0', 'vnet_hdr');
      namespace.run('ip', 'addr', 'add', '10.77.0.1/24', 'dev', 'tcp0');
      namespace.run('ip', 'link', 'set', 'tcp0', 'up');
      const command = [process.execPath, ...nodeArguments(HTTP_DEMO, ['--tun', 'tcp0'])];
      const demo = new NodeProcess(namespace.spawn('setpriv', ['--bounding-set=-all', '--inh-caps=-all', ...command]));
      const url = await demo.line('listening on ');
      expect(namespace.run('curl', ...CURL, url)).toContain('<title>This page crossed our own TCP</title>');
      demo.child.kill('SIGTERM');
      await demo.success();
      expect(namespace.run('ip', '-br', 'addr', 'show', 'dev', 'tcp0')).toContain('10.77.0.1/24');
    } finally {
      namespace.remove();
    }
  });

  test('an address that was asked for and may not be set is an error, in one line', async () => {
    const namespace = new Namespace();
    try {
      namespace.run('ip', 'tuntap', 'add', 'dev', 'tcp0', 'mode', 'tun', 'user', '0', 'vnet_hdr');
      const shell = 'exec setpriv --bounding-set=-all --inh-caps=-all "$@"';
      const { code, output } = await runDemo(namespace, shell, '--tun', '--host-address', '10.77.0.1/24');
      expect(output).toMatch(/^http-demo: tcp0: EPERM: [^\n]*\n$/);
      expect(code).toBe(1);
    } finally {
      namespace.remove();
    }
  });
});
