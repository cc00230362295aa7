/** Section "What a new user does", bad input: no permission, no such device; one clear line, exit 1. */

import { writeFileSync } from 'node:fs';
import { Namespace } from '@tcpstack/netns/namespace';
import { expect, test } from 'vitest';
import { runDemo } from '../src/apps.ts';
import { Scratch } from '../src/scratch.ts';
import { kernelSuite } from '../src/suite.ts';

/** Root without a right; what is mounted is mounted for this process alone. */
const UNPRIVILEGED = 'setpriv --bounding-set=-all --inh-caps=-all';
const ALONE = 'exec unshare --mount sh -c';

kernelSuite('what keeps the HTTP demo from its device is said in one line, exit 1', ['setpriv', 'unshare'], () => {
  test.each([
    {
      obstacle: 'no right to make a device',
      shell: `exec ${UNPRIVILEGED} "$@"`,
      says: 'tcp0: EPERM: ',
    },
    {
      obstacle: 'no right to open the driver',
      shell: `${ALONE} 'mount --bind "$DENIED" /dev/net/tun && chmod 0 /dev/net/tun && chown 65534 /dev/net/tun && exec ${UNPRIVILEGED} "$@"' sh "$@"`,
      says: '/dev/net/tun: EACCES: ',
    },
    {
      obstacle: 'no driver',
      shell: `${ALONE} 'mount -t tmpfs none /dev/net && exec "$@"' sh "$@"`,
      says: '/dev/net/tun: ENOENT: ',
    },
  ])('$obstacle', async ({ shell, says }) => {
    using scratch = new Scratch();
    const denied = scratch.path('denied');
    writeFileSync(denied, '');
    const namespace = new Namespace();
    try {
      const { code, output } = await runDemo(namespace, `export DENIED=${denied}; ${shell}`, '--tun');
      expect(output).toMatch(/^http-demo: [^\n]*\n$/);
      expect(output).toContain(says);
      expect(code).toBe(1);
    } finally {
      namespace.remove();
    }
  });
});
