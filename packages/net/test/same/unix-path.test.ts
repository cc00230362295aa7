/** Paths in the file system: local sockets are no TCP, and work as with Node. */

import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { same, sameApart } from './same.ts';
import { collect, SOCKET_EVENTS, type Trial } from './trial.ts';

/** The log without the directory, which is another in each world. */
function withoutDirectory(trial: Trial, directory: string): void {
  const lines = trial.lines.map(({ who, text }) => ({ who, text: text.replaceAll(directory, 'DIR') }));
  trial.lines.splice(0, trial.lines.length, ...lines);
}

sameApart('listen(path) and connect(path)', async (trial) => {
  const directory = trial.directory();
  const path = join(directory, 'one');
  const server = trial.server();
  server.listen(path, () => trial.log('server', 'callback'));
  await trial.event(server, 'listening');
  trial.log('server', 'address()', server.address());
  const accepted = trial.event(server, 'connection') as Promise<[Socket]>;
  const near = trial.keepSocket(trial.net.connect(path, () => trial.log('client', 'callback')));
  trial.watch('client', near, SOCKET_EVENTS);
  const [far] = await accepted;
  trial.look('accepted', 'ends', far, 'remoteAddress', 'remotePort', 'localAddress', 'readyState');
  trial.log('accepted', 'address()', far.address());
  collect(trial, 'client', near);
  const closed = trial.event(near, 'close');
  far.resume().end('over a path');
  await closed;
  const over = trial.event(server, 'close');
  server.close();
  await over;
  trial.log('server', 'gone', existsSync(path));
  withoutDirectory(trial, directory);
});

sameApart('listen({ path }) and connect({ path })', async (trial) => {
  const directory = trial.directory();
  const path = join(directory, 'two');
  const server = trial.server({ allowHalfOpen: true });
  server.listen({ path, readableAll: true, writableAll: true, backlog: 5 });
  await trial.event(server, 'listening');
  server.on('connection', (far) => far.pipe(far));
  const near = trial.socket();
  near.connect({ path });
  collect(trial, 'client', near);
  const closed = trial.event(near, 'close');
  near.end('echo');
  await closed;
  withoutDirectory(trial, directory);
});

same('connect() to a path that is not there: ENOENT', async (trial) => {
  const directory = trial.directory();
  const near = trial.socket();
  near.connect(join(directory, 'nothing'));
  await trial.event(near, 'close');
  withoutDirectory(trial, directory);
});

same('listen() on a path that is taken: EADDRINUSE', async (trial) => {
  const directory = trial.directory();
  const path = join(directory, 'taken');
  const first = trial.server({}, 'first');
  first.listen(path);
  await trial.event(first, 'listening');
  const second = trial.server({}, 'second');
  second.listen(path);
  await trial.event(second, 'error');
  withoutDirectory(trial, directory);
});

same('listen() in a directory that is not there', async (trial) => {
  const server = trial.server();
  server.listen({ path: '/nowhere/at/all' });
  await trial.event(server, 'error');
  trial.look('server', 'then', server, 'listening');
});

same('a socket connects to a path, and then to a port', async (trial) => {
  const directory = trial.directory();
  const path = join(directory, 'three');
  const local = trial.keep(trial.net.createServer((far) => far.resume().end('local')));
  local.listen(path);
  await trial.event(local, 'listening');
  const port = await trial.listen(trial.keep(trial.net.createServer((far) => far.resume().end('tcp'))));
  const socket = trial.socket();
  collect(trial, 'client', socket);
  for (const connect of [() => socket.connect(path), () => socket.connect(port, '127.0.0.1')]) {
    const closed = trial.event(socket, 'close');
    connect();
    await closed;
    trial.look('client', 'closed', socket, 'bytesRead', 'remoteAddress');
  }
  withoutDirectory(trial, directory);
});
