/** Every example, server and client on two stacks in this process. */

import { createStack } from '@tcpstack/net';
import { createMemoryLinkPair } from '@tcpstack/runtime/memory-link';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EXAMPLES } from './catalogue.ts';

const SAID: Readonly<Record<string, readonly string[]>> = {
  http: [
    '200 GET /first over HTTP/1.1, you are 10.0.0.2',
    '200 GET /second over HTTP/1.1, you are 10.0.0.2, on the same connection',
  ],
  https: ['200 GET /secret over HTTP/1.1, you are behind TLS, by TLSv1.3'],
  http2: ['200 GET /a over HTTP/2.0', '200 GET /b over HTTP/2.0', '200 GET /c over HTTP/2.0'],
  websocket: [
    '5 bytes came back as they were',
    '12 bytes came back as they were',
    '100000 bytes came back as they were',
    'closed with 1000',
  ],
  fetch: ['200 GET /fetched over HTTP/1.1, you are 10.0.0.2'],
};

describe.each(Object.entries(EXAMPLES))('%s', (name, example) => {
  test('works between two stacks over a link in memory, and nothing stays open', async () => {
    const [near, far] = createMemoryLinkPair();
    const server = createStack({ link: near, address: '10.0.0.1' });
    const client = createStack({ link: far, address: '10.0.0.2' });
    onTestFinished(async () => {
      await client.close();
      await server.close();
    });
    await example.serve(server, example.port);
    expect(await example.ask(client, { address: '10.0.0.1', port: example.port })).toEqual(SAID[name]);
    await expect
      .poll(() => client.host.sockets().map(({ state }) => state))
      .toSatisfy((states: string[]) => states.every((state) => state === 'TIME-WAIT'));
  });
});
