/** Node's http on both sides of a wire, with ten thousand connections at once. */

import http from 'node:http';
import { expect, test } from 'vitest';
import { makePair, SERVER_ADDRESS } from './pair.ts';

const CLIENTS = 10_000;
/** Of them ask again over the same connections. */
const AGAIN = 1000;

test('10,000 concurrent keep-alive requests over as many connections are all answered', async () => {
  const settings = { somaxconn: CLIENTS, halfOpenMax: CLIENTS };
  // A wire with room for what so many say at once: what is lost is asked for again, but slowly.
  const pair = makePair({ queuePackets: 4 * CLIENTS, packetsPerDelivery: 1024 }, undefined, settings);
  const waiting: http.ServerResponse[] = [];
  let connections = 0;
  let expected = CLIENTS;
  // Answers only when all of them have asked: they really are there at the same time.
  const web = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    response.setHeader('x-path', request.url ?? '');
    waiting.push(response);
    if (waiting.length === expected) for (const each of waiting.splice(0)) each.end('answer');
  });
  const server = pair.server.createServer((socket) => {
    connections++;
    web.emit('connection', socket);
  });
  server.listen({ port: 80, backlog: CLIENTS });
  await new Promise((resolve) => server.once('listening', resolve));

  const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS, maxFreeSockets: CLIENTS });
  Object.assign(agent, { createConnection: pair.client.createConnection });
  const get = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      http
        .get({ host: SERVER_ADDRESS, port: 80, path, agent }, (response) => {
          let body = '';
          response.setEncoding('latin1').on('data', (text: string) => {
            body += text;
          });
          response.on('end', () => resolve(`${response.statusCode} ${response.headers['x-path']} ${body}`));
        })
        .on('error', reject);
    });
  for (const requests of [CLIENTS, AGAIN]) {
    expected = requests;
    const paths = Array.from({ length: requests }, (_, number) => `/${requests}/${number}`);
    const answers = await Promise.all(paths.map(get));
    expect(answers).toEqual(paths.map((path) => `200 ${path} answer`));
  }
  expect(connections).toBe(CLIENTS);
  agent.destroy();
  web.close();
});
