/** Proof, "headless Chromium loading the demo page over TUN". */

import { Namespace } from '@tcpstack/netns/namespace';
import { expect, test } from 'vitest';
import { HTTP_DEMO, startApp } from '../src/apps.ts';
import { domOf } from '../src/browser.ts';
import { kernelSuite } from '../src/suite.ts';

kernelSuite('a browser over TUN', ['chromium', 'timeout'], () => {
  test.each([
    { scheme: 'http', port: 80, protocol: 'HTTP/1.1' },
    { scheme: 'https', port: 443, protocol: 'HTTP/2 over TLSv1.3' },
  ])('headless Chromium loads the page by $scheme, and the page tells about the connection it came on', async (way) => {
    const namespace = new Namespace();
    try {
      const { app: demo } = await startApp(namespace, HTTP_DEMO, '--tls', '--log');
      await demo.line('listening on https');
      const url = `${way.scheme}://10.77.0.2/`;
      const dom = domOf(namespace, url);
      expect(dom).toContain('<title>This page crossed our own TCP</title>');
      const cells = [...dom.matchAll(/<td class="(name|value)">([^<]*)<\/td>/g)].map((match) => match[2]);
      expect(cells[cells.indexOf('Your end') + 1]).toMatch(/^10\.77\.0\.1:\d+$/);
      expect(cells[cells.indexOf('Our end') + 1]).toBe(`10.77.0.2:${way.port}`);
      expect(cells[cells.indexOf('Protocol') + 1]).toBe(way.protocol);
      expect(dom).toContain('SYN ACK seq 0 ack 1 len 0');
      expect(cells[cells.indexOf('State') + 1]).toBe('ESTABLISHED');
      demo.child.kill('SIGTERM');
      expect(await demo.success()).toContain('GET /events'); // the page ran its script
    } finally {
      namespace.remove();
    }
  });
});
