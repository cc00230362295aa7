/** Servers and sockets made of handles and descriptors of others: taken over, or refused as Node refuses. */

import { closeSync, openSync } from 'node:fs';
import type { ListenOptions, Server, Socket } from 'node:net';
import { same, sameApart } from './same.ts';
import type { Trial } from './trial.ts';

async function closed(trial: Trial, server: Server): Promise<void> {
  const over = trial.event(server, 'close');
  server.close();
  await over;
}

same('listen({ fd }) of a descriptor that is no socket', async (trial) => {
  const fd = openSync('/dev/null', 'r');
  trial.finally(() => closeSync(fd));
  const server = trial.server();
  server.listen({ fd });
  trial.look('server', 'at once', server, 'listening');
  await trial.event(server, 'error');
  trial.look('server', 'then', server, 'listening');
});

same('listen({ fd }) of a descriptor that nobody has', async (trial) => {
  const server = trial.server();
  server.listen({ fd: 99_999 });
  await trial.event(server, 'error');
});

same('new Socket({ fd }) of a descriptor that is no socket', (trial) => {
  const fd = openSync('/dev/null', 'r');
  trial.finally(() => closeSync(fd));
  trial.attempt('client', 'new Socket', () => new trial.net.Socket({ fd }));
});

sameApart('listen(another server): both take connections of its port', async (trial) => {
  const first = trial.server({}, 'first');
  const port = await trial.listen(first);
  const second = trial.server({}, 'second');
  const over = trial.wait('either', (done: () => void) => second.once('listening', done).once('error', done));
  trial.attempt('second', 'listen', () => second.listen(first as unknown as ListenOptions) === second);
  await over;
  trial.look('second', 'then', second, 'listening');
  trial.log('second', 'same port', JSON.stringify(second.address()) === JSON.stringify(first.address()), port > 0);
});

same('a server that is closed has no handle', async (trial) => {
  const server = trial.server();
  const handle = (): boolean => (server as unknown as { _handle: unknown })._handle !== null;
  trial.log('server', 'new', handle());
  await trial.listen(server);
  trial.log('server', 'listening', handle());
  await closed(trial, server);
  trial.log('server', 'closed', handle());
});

same('_handle of a socket is there while it has a connection', async (trial) => {
  const handle = (socket: Socket): boolean => Boolean((socket as unknown as { _handle: unknown })._handle);
  const port = await trial.listen(trial.keep(trial.net.createServer()));
  const socket = trial.socket();
  trial.log('client', 'new', handle(socket));
  socket.connect(port, '127.0.0.1');
  trial.log('client', 'connecting', handle(socket));
  await trial.event(socket, 'ready');
  trial.log('client', 'connected', handle(socket));
  const over = trial.event(socket, 'close');
  socket.destroy();
  trial.log('client', 'destroyed', handle(socket));
  await over;
  trial.log('client', 'closed', handle(socket));
});
