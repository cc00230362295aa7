/** Errors are the ones that Node itself makes: compared with real ones from loopback. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { EADDRINUSE, ECONNREFUSED, ECONNRESET } from '@tcpstack/sockets/errno';
import { expect, test } from 'vitest';
import { systemError, systemErrorWithText } from './system-error.ts';

/** Message and own fields, as a program sees them. */
function fields(error: Error): Record<string, unknown> {
  return { ...error, message: error.message };
}

test('a refused connect is the error that Node makes', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const [real] = (await once(connect(port, '127.0.0.1'), 'error').catch((error) => [error])) as [Error];
  expect(fields(systemError(-ECONNREFUSED, 'connect', '127.0.0.1', port))).toEqual(fields(real));
});

test('a port in use is the error that Node makes', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const second = createServer();
  const told = new Promise<Error>((resolve) => second.once('error', resolve));
  second.listen(port, '127.0.0.1');
  expect(fields(systemErrorWithText(EADDRINUSE, 'listen', '127.0.0.1', port))).toEqual(fields(await told));
  server.close();
});

test('without an address the message is the call and the code', () => {
  expect(systemError(-ECONNRESET, 'read')).toMatchObject({
    message: 'read ECONNRESET',
    code: 'ECONNRESET',
    syscall: 'read',
  });
  expect('address' in systemError(-ECONNRESET, 'read')).toBe(false);
});
