/** Proof, "http, https, http2, WebSocket, undici's fetch: both roles, over TUN against curl and Chromium". */

import { Namespace } from '@tcpstack/netns/namespace';
import { nodeArguments } from '@tcpstack/netns/node-process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXAMPLES_APP, startExample } from '../src/apps.ts';
import { domOf } from '../src/browser.ts';
import { kernelSuite } from '../src/suite.ts';

const CURL = ['--silent', '--show-error', '--fail', '--max-time', '10', '--insecure'];
const NATIVE = new URL('../src/native-example.ts', import.meta.url);

kernelSuite('what speaks over our sockets, over TUN', ['curl', 'chromium', 'timeout'], () => {
  let namespace: Namespace;
  beforeAll(() => {
    namespace = new Namespace();
  });
  afterAll(() => namespace.remove());

  describe('our servers', () => {
    test('curl and Chromium read what the http server says', async () => {
      await using _server = await startExample(namespace, 'http');
      expect(namespace.run('curl', ...CURL, 'http://10.77.0.2/page')).toBe(
        'GET /page over HTTP/1.1, you are 10.77.0.1\n',
      );
      expect(domOf(namespace, 'http://10.77.0.2/page')).toContain('GET /page over HTTP/1.1, you are 10.77.0.1');
    });

    test('curl reads what the https server says, by TLS 1.3', async () => {
      await using _server = await startExample(namespace, 'https');
      const told = ['--write-out', ' %{ssl_verify_result} %{http_version}', '--tlsv1.3'];
      expect(namespace.run('curl', ...CURL, ...told, 'https://10.77.0.2/page')).toMatch(
        /^GET \/page over HTTP\/1.1, .*\n \d+ 1\.1$/,
      );
    });

    test('curl --http2 and Chromium choose HTTP/2 by ALPN; curl --http1.1 is answered too', async () => {
      await using _server = await startExample(namespace, 'http2');
      const url = 'https://10.77.0.2/page';
      expect(namespace.run('curl', ...CURL, '--http2', '--write-out', '%{http_version}', url)).toBe(
        'GET /page over HTTP/2.0\n2',
      );
      expect(namespace.run('curl', ...CURL, '--http1.1', '--write-out', '%{http_version}', url)).toBe(
        'GET /page over HTTP/1.1\n1.1',
      );
      expect(domOf(namespace, url)).toContain('GET /page over HTTP/2.0');
    });

    test('a client of ws on the kernel hears its messages back', async () => {
      await using _server = await startExample(namespace, 'websocket');
      const client = namespace.node(NATIVE, ['ask', 'websocket', '10.77.0.2']);
      expect(await client.line('said ')).toBe('5 bytes came back as they were');
      await client.line('done');
      await client.success();
    });
  });

  test.each([
    ['http', '200 GET /first over HTTP/1.1, you are ::ffff:10.77.0.2'],
    ['https', '200 GET /secret over HTTP/1.1, you are ::ffff:10.77.0.2, by TLSv1.3'],
    ['http2', '200 GET /a over HTTP/2.0'],
    ['websocket', '100000 bytes came back as they were'],
    ['fetch', '200 GET /fetched over HTTP/1.1, you are ::ffff:10.77.0.2'],
  ])('our client of %s asks a server on the kernel', async (name, said) => {
    const server = namespace.node(NATIVE, ['serve', name]);
    try {
      await server.line('ready');
      const args = nodeArguments(EXAMPLES_APP, [name, '--tun', '--ask', '10.77.0.1', '--insecure']);
      expect(namespace.run('timeout', '20', process.execPath, ...args).split('\n')).toContain(said);
    } finally {
      server.child.kill();
      await server.end;
    }
  });
});
