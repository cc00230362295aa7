/** Section "What a new user does", "without root in a user namespace": `unshare -Urn`, and no right outside of it. */

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { HTTP_DEMO } from '../src/apps.ts';
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
