/** Proof, "headless Chromium loading the demo page over TUN". */

import { Namespace } from '@tcpstack/netns/namespace';
import { expect, test } from 'vitest';
import { HTTP_DEMO, startApp } from '../src/apps.ts';
import { Scratch } from '../src/scratch.ts';
import { kernelSuite } from '../src/suite.ts';

// A browser that speaks to nobody but us.
const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

kernelSuite('a browser over TUN', ['chromium', 'timeout'], () => {
  test('headless Chromium loads the page, and the page tells about the connection it came on', async () => {
    using scratch = new Scratch();
    const namespace = new Namespace();
    try {
      const { app: demo, where: url } = await startApp(namespace, HTTP_DEMO);
      const args = [...QUIET, `--user-data-dir=${scratch.path('profile')}`, '--dump-dom', url];
      const dom = namespace.run('timeout', '60', 'chromium', ...args);
      expect(dom).toContain('<title>This page crossed our own TCP</title>');
      const cells = [...dom.matchAll(/<td class="(name|value)">([^<]*)<\/td>/g)].map((match) => match[2]);
      expect(cells[cells.indexOf('Your end') + 1]).toMatch(/^10\.77\.0\.1:\d+$/);
      expect(cells[cells.indexOf('Our end') + 1]).toBe('10.77.0.2:80');
      expect(cells[cells.indexOf('State') + 1]).toBe('ESTABLISHED');
      demo.child.kill('SIGTERM');
      await demo.success();
    } finally {
      namespace.remove();
    }
  });
});
