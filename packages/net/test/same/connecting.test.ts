/** connect(): its overloads, what happens in which order, and what is told of each failure. */

import type { Socket } from 'node:net';
import { same, sameApart } from './same.ts';
import { SOCKET_EVENTS, type Trial } from './trial.ts';

type Connects = (trial: Trial, port: number) => Socket;
const callback = (trial: Trial) => (): void => trial.log('client', 'callback');
const made = (trial: Trial): Socket => trial.socket();
/** Made by the module's function: watched from the next line on. */
const watched = (trial: Trial, socket: Socket): Socket =>
  trial.keepSocket(trial.watch('client', socket, SOCKET_EVENTS));

const OVERLOADS: Readonly<Record<string, Connects>> = {
  'socket.connect(port) to localhost': (trial, port) => made(trial).connect(port),
  'socket.connect(port, host)': (trial, port) => made(trial).connect(port, '127.0.0.1'),
  'socket.connect(port, callback)': (trial, port) => made(trial).connect(port, callback(trial)),
  'socket.connect(port, host, callback)': (trial, port) => made(trial).connect(port, '127.0.0.1', callback(trial)),
  'socket.connect(text of a port, host)': (trial, port) =>
    made(trial).connect(String(port) as unknown as number, '127.0.0.1'),
  'socket.connect({ port, host })': (trial, port) => made(trial).connect({ port, host: '127.0.0.1' }),
  'socket.connect({ port, host }, callback)': (trial, port) =>
    made(trial).connect({ port, host: '127.0.0.1' }, callback(trial)),
  'socket.connect({ port }, callback)': (trial, port) => made(trial).connect({ port }, callback(trial)),
  'socket.connect({ port, family: 4 })': (trial, port) => made(trial).connect({ port, host: 'localhost', family: 4 }),
  'socket.connect({ port, host: "" })': (trial, port) => made(trial).connect({ port, host: '' }),
  'socket.connect({ port, host: null })': (trial, port) =>
    made(trial).connect({ port, host: null } as unknown as { port: number }),
  'socket.connect(port, number)': (trial, port) =>
    (trial.net.Socket.prototype.connect as (...args: unknown[]) => Socket).call(made(trial), port, 5),
  'net.connect(port)': (trial, port) => watched(trial, trial.net.connect(port)),
  'net.connect(port, host)': (trial, port) => watched(trial, trial.net.connect(port, '127.0.0.1')),
  'net.connect(port, host, callback)': (trial, port) =>
    watched(trial, trial.net.connect(port, '127.0.0.1', callback(trial))),
  'net.connect({ port, host }, callback)': (trial, port) =>
    watched(trial, trial.net.connect({ port, host: '127.0.0.1' }, callback(trial))),
  'net.createConnection({ port }, callback)': (trial, port) =>
    watched(trial, trial.net.createConnection({ port }, callback(trial))),
  'net.createConnection({ port, timeout, allowHalfOpen })': (trial, port) =>
    watched(trial, trial.net.createConnection({ port, host: '127.0.0.1', timeout: 60_000, allowHalfOpen: true })),
  'connect({ localAddress })': (trial, port) =>
    made(trial).connect({ port, host: '127.0.0.1', localAddress: '127.0.0.5' }),
  'connect({ noDelay, keepAlive, keepAliveInitialDelay })': (trial, port) =>
    watched(
      trial,
      trial.net.connect({ port, host: '127.0.0.1', noDelay: true, keepAlive: true, keepAliveInitialDelay: 2000 }),
    ),
  'connect({ autoSelectFamily: false })': (trial, port) =>
    made(trial).connect({ port, host: '127.0.0.1', autoSelectFamily: false }),
};

for (const [title, connect] of Object.entries(OVERLOADS)) {
  same(title, async (trial) => {
    const server = trial.keep(trial.net.createServer());
    const port = await trial.listen(server);
    const socket = connect(trial, port);
    trial.look('client', 'at once', socket, 'connecting', 'pending', 'readyState', 'remoteAddress', 'localPort');
    await trial.event(socket, 'ready');
    trial.look('client', 'ready', socket, 'connecting', 'pending', 'readyState', 'timeout', 'allowHalfOpen');
    trial.look('client', 'ends', socket, 'localAddress', 'remoteAddress', 'remotePort', 'remoteFamily');
  });
}

sameApart('connect({ localPort }) is where it comes from', async (trial) => {
  const server = trial.keep(trial.net.createServer());
  const port = await trial.listen(server);
  const localPort = await trial.freePort('127.0.0.1', 'MINE');
  const socket = trial.socket();
  const accepted = trial.event(server, 'connection') as Promise<[Socket]>;
  const connected = trial.event(socket, 'ready');
  socket.connect({ port, host: '127.0.0.1', localPort });
  const [far] = await accepted;
  await connected;
  trial.log('accepted', 'remotePort', far.remotePort === localPort);
  trial.look('client', 'from', socket, 'localAddress', 'localPort');
});

/** Connects to nowhere, watched to the end. */
async function fails(trial: Trial, options: object, who = 'client'): Promise<void> {
  const socket = trial.socket({}, who);
  socket.connect(options as { port: number }, () => trial.log(who, 'callback'));
  trial.look(who, 'at once', socket, 'connecting', 'readyState');
  const closed = trial.event(socket, 'close');
  socket.on('error', () =>
    trial.look(who, 'in error', socket, 'connecting', 'destroyed', 'closed', 'readyState', 'pending'),
  );
  await closed;
  trial.look(who, 'closed', socket, 'connecting', 'destroyed', 'closed', 'readyState', 'pending', 'errored');
}

same('ECONNREFUSED: nobody listens', async (trial) => {
  await fails(trial, { port: await trial.freePort(), host: '127.0.0.1' });
});

same('ECONNREFUSED over IPv6', async (trial) => {
  await fails(trial, { port: await trial.freePort('::1'), host: '::1' });
});

same('ECONNREFUSED from an address and port of our choice', async (trial) => {
  const port = await trial.freePort();
  const localPort = await trial.freePort('127.0.0.1', 'MINE');
  await fails(trial, { port, host: '127.0.0.1', localAddress: '127.0.0.1', localPort });
});

same('ECONNREFUSED of a name with one address', async (trial) => {
  await fails(trial, { port: await trial.freePort(), host: 'localhost', family: 4 });
});

same('bind EADDRNOTAVAIL: a localAddress that is not ours', async (trial) => {
  await fails(trial, { port: await trial.freePort(), host: '127.0.0.1', localAddress: '192.0.2.1' });
});

same('bind EADDRINUSE: a localPort that somebody listens on', async (trial) => {
  const server = trial.keep(trial.net.createServer());
  const port = await trial.listen(server);
  await fails(trial, { port, host: '127.0.0.1', localAddress: '127.0.0.1', localPort: port });
});

same('bind EINVAL: a localAddress of the other family', async (trial) => {
  await fails(trial, { port: await trial.freePort(), host: '127.0.0.1', localAddress: '::1' });
});

same('a localAddress of IPv4 on the way to an IPv6 address', async (trial) => {
  await fails(trial, { port: await trial.freePort('::1'), host: '::1', localAddress: '127.0.0.1' });
});

same('connecting to port 0', async (trial) => {
  await fails(trial, { port: 0, host: '127.0.0.1' });
});

same('a block list refuses before anything is sent', async (trial) => {
  const blockList = new trial.net.BlockList();
  blockList.addAddress('127.0.0.1');
  const socket = trial.socket({ blockList } as object);
  socket.connect(await trial.freePort(), '127.0.0.1');
  await trial.event(socket, 'close');
});

sameApart('the callback is told once, of the first connection', async (trial) => {
  const { near } = await trial.pair();
  near.on('connect', () => trial.log('client', 'again?'));
  near.end();
  await trial.event(near, 'close');
});

same('order of the events of connecting, and of the rest of the program', async (trial) => {
  const server = trial.keep(trial.net.createServer());
  const port = await trial.listen(server);
  const socket = trial.socket();
  process.nextTick(() => trial.log('client', 'a tick before'));
  socket.connect(port, '127.0.0.1', () => trial.log('client', 'callback'));
  process.nextTick(() => trial.log('client', 'a tick after'));
  Promise.resolve().then(() => trial.log('client', 'a promise'));
  trial.log('client', 'the same turn');
  await trial.event(socket, 'ready');
});

same('connect() twice in one turn', async (trial) => {
  const server = trial.keep(trial.net.createServer());
  const port = await trial.listen(server);
  const socket = trial.socket();
  socket.connect(port, '127.0.0.1');
  const over = trial.event(socket, 'close');
  trial.attempt('client', 'second', () => socket.connect(port, '127.0.0.1') === socket);
  await over;
});

same('connect() of a socket that is connected', async (trial) => {
  const { near, port } = await trial.pair();
  const over = trial.wait('either', (done: () => void) => near.once('ready', done).once('close', done));
  trial.attempt('client', 'second', () => near.connect(port, '127.0.0.1') === near);
  trial.look('client', 'at once', near, 'connecting', 'readyState');
  await over;
});

same('destroy() before the connection is there', async (trial) => {
  const server = trial.keep(trial.net.createServer());
  const port = await trial.listen(server);
  const socket = trial.socket();
  socket.connect(port, '127.0.0.1', () => trial.log('client', 'callback'));
  socket.destroy();
  trial.look('client', 'at once', socket, 'connecting', 'destroyed', 'pending', 'readyState');
  await trial.event(socket, 'close');
});

sameApart('end() before the connection is there', async (trial) => {
  const server = trial.server({}, 'server');
  const port = await trial.listen(server);
  server.on('connection', (far) => far.resume());
  const socket = trial.socket();
  const closed = trial.event(socket, 'close');
  socket.connect(port, '127.0.0.1', () => trial.log('client', 'callback'));
  trial.attempt('client', 'end', () => socket.end() === socket);
  trial.look('client', 'at once', socket, 'connecting', 'writable', 'readyState', 'writableEnded');
  await closed;
});
