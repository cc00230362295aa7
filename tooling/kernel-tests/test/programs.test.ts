/** Proof, "Programs that nobody here wrote run unchanged through the register hook". */

import { Namespace } from '@tcpstack/netns/namespace';
import type { NodeProcess } from '@tcpstack/netns/node-process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_KERNEL_TCP, startProgram, type Whose } from '../src/program.ts';
import { startPostgres, startRedis } from '../src/servers-of-others.ts';
import { kernelSuite } from '../src/suite.ts';

const KERNEL = '10.77.0.1';
const OURS = '10.77.0.2';
const CONNECTIONS = 50;
const SECONDS = 1;

kernelSuite('programs of others, unchanged', ['wrk', 'redis-server', 'psql', 'setpriv', 'ss', 'curl'], () => {
  let namespace: Namespace;
  beforeAll(() => {
    namespace = new Namespace();
  });
  afterAll(() => namespace.remove());

  describe.each(['fastify.mjs', 'express.cjs'])('%s', (file) => {
    let server: NodeProcess;
    beforeAll(async () => {
      server = startProgram(namespace, 'ours', file);
      expect(await server.line('listening ')).toBe('3000');
    });

    test('answers curl', () => {
      const url = `http://${OURS}:3000`;
      expect(namespace.run('curl', '-sS', '--max-time', '5', url)).toBe('{"hello":"world"}');
      const post = ['--json', '{"numbers":[1,2,39]}', `${url}/sum`];
      expect(namespace.run('curl', '-sS', '--max-time', '5', ...post)).toBe('{"sum":42}');
    });

    test('answers each request of autocannon', async () => {
      const args = ['--json', '-c', `${CONNECTIONS}`, '-d', `${SECONDS}`, `http://${OURS}:3000`];
      const cannon = namespace.node(import.meta.resolve('autocannon').replace('file://', ''), args);
      await cannon.success();
      const result = JSON.parse(/^\{.*\}$/m.exec(cannon.said)?.[0] ?? '') as Record<string, number>;
      expect(result).toMatchObject({ errors: 0, timeouts: 0, non2xx: 0 });
      expect(result['2xx']).toBeGreaterThan(500);
    });

    test('answers each request of wrk, and ends by SIGTERM as the program says', async () => {
      const told = namespace.run('wrk', '-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, `http://${OURS}:3000/`);
      expect(told).not.toMatch(/Socket errors|Non-2xx/);
      expect(Number(/(\d+) requests in/.exec(told)?.[1])).toBeGreaterThan(500);
      server.child.kill('SIGTERM');
      await server.success();
      expect(server.said).toContain(NO_KERNEL_TCP);
    });
  });

  test('ioredis, with a Redis of the kernel, says what it says on the net of Node', async () => {
    await using _redis = await startRedis(namespace);
    const [ours, nodes] = await both(namespace, 'redis.mjs');
    expect(ours).toEqual(nodes);
    expect(ours).toContain('large true');
  });

  test('pg, with a PostgreSQL of the kernel, says what it says on the net of Node', async () => {
    await using _postgres = await startPostgres(namespace);
    const [ours, nodes] = await both(namespace, 'postgres.mjs');
    expect(ours).toEqual(nodes);
    expect(ours).toContain('large true');
  });

  test.each([
    { broker: 'nodes', client: 'ours', where: KERNEL },
    { broker: 'ours', client: 'nodes', where: OURS },
  ] as const)('mqtt of $client hears all from the aedes of $broker', async ({ broker, client, where }) => {
    const server = startProgram(namespace, broker, 'mqtt-broker.mjs');
    await server.line('listening ');
    const asking = startProgram(namespace, client, 'mqtt-client.mjs', where);
    await asking.line('news/0 10 0, news/1 11 1, news/2 12 2, news/large 500000 1');
    await asking.line('ended');
    await asking.success();
    server.child.kill('SIGTERM');
    await server.success();
    expect((broker === 'ours' ? server : asking).said).toContain(NO_KERNEL_TCP);
  });
});

/** What a client says to a server of the kernel, on our stack and on Node's. */
async function both(namespace: Namespace, file: string): Promise<[string[], string[]]> {
  const said = async (whose: Whose): Promise<string[]> => {
    const client = startProgram(namespace, whose, file, whose === 'ours' ? KERNEL : '127.0.0.1');
    await client.success();
    if (whose === 'ours') expect(client.said).toContain(NO_KERNEL_TCP);
    return client.said.split('\n').filter((line) => line !== NO_KERNEL_TCP);
  };
  return [await said('ours'), await said('nodes')];
}
