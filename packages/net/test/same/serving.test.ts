/** Servers: close, counting, limits, drops, block lists, pauses, and what their sockets are given. */

import type { AddressInfo, Server, Socket } from 'node:net';
import { same, sameApart } from './same.ts';
import { SOCKET_EVENTS, type Trial } from './trial.ts';

const count = (trial: Trial, server: Server): Promise<void> =>
  trial.wait('a count', (done: () => void) =>
    server.getConnections((error, connections) => {
      trial.log('server', 'getConnections', error, connections);
      done();
    }),
  );

/** A connection to a server, both ends. */
async function joins(trial: Trial, server: Server, port: number): Promise<{ near: Socket; far: Socket }> {
  const accepted = trial.event(server, 'connection') as Promise<[Socket]>;
  const near = trial.keepSocket(trial.net.connect(port, '127.0.0.1'));
  near.on('error', () => {});
  const [far] = await accepted;
  if (near.connecting) await trial.event(near, 'connect');
  return { near, far };
}

same('close() without connections: the callback gets nothing', async (trial) => {
  const server = trial.server();
  await trial.listen(server);
  const closed = trial.event(server, 'close');
  trial.log('server', 'gives itself', server.close((error) => trial.log('server', 'callback', error)) === server);
  trial.look('server', 'at once', server, 'listening');
  process.nextTick(() => trial.log('server', 'next tick'));
  await closed;
});

same('close() of a server that never listened: ERR_SERVER_NOT_RUNNING', async (trial) => {
  const server = trial.server();
  const closed = trial.event(server, 'close');
  server.close((error) => trial.log('server', 'callback', error));
  await closed;
});

same('close() twice', async (trial) => {
  const server = trial.server();
  await trial.listen(server);
  const second = trial.wait('both callbacks', (done: () => void) => {
    server.close((error) => trial.log('server', 'first', error));
    server.close((error) => {
      trial.log('server', 'second', error);
      done();
    });
  });
  await second;
  await new Promise(setImmediate);
});

same('close() waits for connections, which go on', async (trial) => {
  const server = trial.server();
  const port = await trial.listen(server);
  const { near, far } = await joins(trial, server, port);
  server.close(() => trial.log('server', 'callback'));
  await count(trial, server);
  const echoed = trial.event(near, 'data');
  far.pipe(far);
  near.write('still here');
  trial.log('client', 'echo', (await echoed)[0]);
  const closed = trial.event(server, 'close');
  near.end();
  await closed;
  await count(trial, server);
});

same('a closing server refuses connections', async (trial) => {
  const server = trial.server();
  const port = await trial.listen(server);
  await joins(trial, server, port);
  server.close();
  const late = trial.socket({}, 'late');
  late.connect(port, '127.0.0.1');
  await trial.event(late, 'close');
});

same('close() in the turn of listen()', async (trial) => {
  const server = trial.server();
  const closed = trial.event(server, 'close');
  server.listen(0, '127.0.0.1', () => trial.log('server', 'listening callback'));
  server.close((error) => trial.log('server', 'callback', error));
  await closed;
});

same('close() after listen() of a name', async (trial) => {
  const server = trial.server();
  const closed = trial.event(server, 'close');
  server.listen(0, 'localhost', () => trial.log('server', 'listening callback'));
  server.close((error) => trial.log('server', 'callback', error));
  await closed;
  await new Promise((resolve) => setTimeout(resolve, 20));
  trial.look('server', 'later', server, 'listening');
});

same('listen() after close()', async (trial) => {
  const server = trial.server();
  for (let round = 0; round < 2; round++) {
    await trial.listen(server);
    const closed = trial.event(server, 'close');
    server.close((error) => trial.log('server', 'callback', error));
    await closed;
  }
});

same('listen() while the server closes: close waits for the last connection', async (trial) => {
  const server = trial.server();
  const port = await trial.listen(server);
  const { near } = await joins(trial, server, port);
  server.close((error) => trial.log('server', 'callback', error));
  await trial.listen(server, { port: 0, host: '127.0.0.1' }, 'SECOND');
  trial.look('server', 'again', server, 'listening');
  near.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const closed = trial.event(server, 'close');
  server.close();
  await closed;
});

same('Symbol.asyncDispose', async (trial) => {
  const server = trial.server();
  await trial.listen(server);
  trial.log('server', 'gives', await server[Symbol.asyncDispose]());
  trial.look('server', 'disposed', server, 'listening');
  trial.log('server', 'again', await server[Symbol.asyncDispose]());
  trial.log('server', 'never listened', await trial.server({}, 'other')[Symbol.asyncDispose]());
});

same('getConnections counts, in a later turn', async (trial) => {
  const server = trial.server();
  const port = await trial.listen(server);
  await count(trial, server);
  const { near, far } = await joins(trial, server, port);
  await joins(trial, server, port);
  const counted = count(trial, server);
  trial.log('server', 'the same turn');
  await counted;
  far.on('error', () => {}).resume();
  const closed = trial.event(far, 'close');
  near.destroy();
  await closed;
  await count(trial, server);
});

sameApart("maxConnections: 'drop' tells both ends of who is not let in", async (trial) => {
  const server = trial.server();
  server.maxConnections = 1;
  const port = await trial.listen(server);
  await joins(trial, server, port);
  const late = trial.socket({}, 'late');
  const dropped = trial.event(server, 'drop') as Promise<[{ remotePort: number; localPort: number }]>;
  const closed = trial.event(late, 'close');
  late.resume();
  late.connect(port, '127.0.0.1', () => {
    trial.name(late.localPort, 'LATE');
    trial.log('late', 'callback');
  });
  const [data] = await dropped;
  trial.log('server', 'ports', data.remotePort === late.localPort, data.localPort === port);
  await closed;
  await count(trial, server);
});

sameApart('maxConnections 0 drops everybody, undefined and null nobody', async (trial) => {
  const server = trial.server();
  const port = await trial.listen(server);
  for (const most of [0, undefined, null]) {
    server.maxConnections = most as number;
    const told = trial.wait('either', (done: () => void) => server.once('drop', done).once('connection', done));
    const near = trial.keepSocket(trial.net.connect(port, '127.0.0.1'));
    near.on('error', () => {});
    await told;
  }
});

sameApart('maxConnections lets in again when one has gone', async (trial) => {
  const server = trial.server();
  server.maxConnections = 1;
  const port = await trial.listen(server);
  const { near, far } = await joins(trial, server, port);
  far.resume();
  const closed = trial.event(far, 'close');
  near.end();
  near.resume();
  await closed;
  await joins(trial, server, port);
  await count(trial, server);
});

sameApart('blockList: who is on it is let go without an event', async (trial) => {
  const blockList = new trial.net.BlockList();
  blockList.addAddress('127.0.0.5');
  const server = trial.server({ blockList });
  const port = await trial.listen(server);
  const blocked = trial.socket({}, 'blocked');
  blocked.resume();
  blocked.connect({ port, host: '127.0.0.1', localAddress: '127.0.0.5' });
  await trial.event(blocked, 'close');
  await joins(trial, server, port);
  await count(trial, server);
});

sameApart('pauseOnConnect: nothing is read until resume()', async (trial) => {
  const server = trial.keep(trial.net.createServer({ pauseOnConnect: true }));
  const port = await trial.listen(server);
  const accepted = trial.event(server, 'connection') as Promise<[Socket]>;
  const near = trial.keepSocket(trial.net.connect(port, '127.0.0.1'));
  const finished = trial.event(near, 'finish');
  near.resume().end('early');
  const [far] = await accepted;
  trial.watch('accepted', far, SOCKET_EVENTS);
  trial.look('accepted', 'paused', far, 'readableFlowing', 'bytesRead', 'readableLength');
  trial.log('accepted', 'isPaused', far.isPaused());
  await finished;
  trial.look('accepted', 'still', far, 'bytesRead', 'readableLength');
  far.on('data', (data) => trial.log('accepted', 'data', data));
  trial.log('accepted', 'with a listener', far.readableFlowing);
  const closed = trial.event(far, 'close');
  far.resume();
  await closed;
});

sameApart('sockets of a server have its highWaterMark and allowHalfOpen', async (trial) => {
  const server = trial.keep(trial.net.createServer({ highWaterMark: 12_345, allowHalfOpen: true }));
  const { near, far } = await joins(trial, server, await trial.listen(server));
  const marks = ['readableHighWaterMark', 'writableHighWaterMark', 'allowHalfOpen'];
  trial.look('accepted', 'has', far, ...marks);
  trial.look('client', 'has', near, ...marks);
});

same('the listener of createServer is a listener of connection, the first one', async (trial) => {
  const server = trial.keep(trial.net.createServer(() => trial.log('server', 'given')));
  server.on('connection', () => trial.log('server', 'added'));
  await joins(trial, server, await trial.listen(server));
  trial.log('server', 'listeners', server.listenerCount('connection'));
});

same('this in listeners', async (trial) => {
  const server = trial.keep(
    trial.net.createServer(function (this: unknown) {
      trial.log('server', 'this of connection', this === server);
    }),
  );
  server.listen(0, '127.0.0.1', function (this: unknown) {
    trial.log('server', 'this of listening', this === server);
  });
  await trial.event(server, 'listening');
  const { near } = await joins(trial, server, (server.address() as AddressInfo).port);
  const closed = trial.event(near, 'close');
  near.on('close', function (this: unknown) {
    trial.log('client', 'this of close', this === near);
  });
  near.destroy();
  await closed;
});

same('ref() and unref() at each stage change nothing but the life of the process', async (trial) => {
  const server = trial.server();
  trial.log('server', 'new', server.unref() === server, server.ref() === server);
  await trial.listen(server);
  trial.log('server', 'listening', server.unref() === server, server.ref() === server);
  const closed = trial.event(server, 'close');
  server.close();
  trial.log('server', 'closing', server.unref() === server, server.ref() === server);
  await closed;
});

same('many connections at once are all told', async (trial) => {
  const server = trial.keep(trial.net.createServer());
  const port = await trial.listen(server);
  let connections = 0;
  await trial.wait('all', (done: () => void) => {
    server.on('connection', () => {
      if (++connections === 200) done();
    });
    for (let made = 0; made < 200; made++) trial.keepSocket(trial.net.connect(port, '127.0.0.1'));
  });
  await count(trial, server);
});

same('captureRejections: a listener that rejects destroys its socket', async (trial) => {
  const { EventEmitter } = await import('node:events');
  EventEmitter.captureRejections = true;
  const server = trial.keep(trial.net.createServer());
  EventEmitter.captureRejections = false;
  const port = await trial.listen(server);
  server.on('connection', async (far) => {
    far.on('error', (error) => trial.log('accepted', 'error', error));
    throw new Error('rejected');
  });
  const { far } = await joins(trial, server, port);
  if (!far.closed) await trial.event(far, 'close');
  trial.look('accepted', 'then', far, 'destroyed');
});
