/** Classes: made with and without new, extended as ES5 and ES6 do, and what a new socket or server is. */

import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import { inherits } from 'node:util';
import { same } from './same.ts';

// biome-ignore lint/suspicious/noExplicitAny: classes as functions have no type
type Loose = any;

const SOCKET_FACTS = [
  ...['connecting', 'pending', 'readyState', 'destroyed', 'closed', 'errored', 'allowHalfOpen', 'timeout'],
  ...['bytesRead', 'bytesWritten', 'bufferSize', 'readable', 'writable', 'readableFlowing', 'readableEnded'],
  ...['readableHighWaterMark', 'writableHighWaterMark', 'readableLength', 'writableLength', 'writableNeedDrain'],
  ...['writableEnded', 'writableFinished', 'writableCorked', 'readableObjectMode', 'writableObjectMode'],
  ...['localAddress', 'localPort', 'localFamily', 'remoteAddress', 'remotePort', 'remoteFamily'],
  ...['autoSelectFamilyAttemptedAddresses', 'readableEncoding', 'server', 'readableAborted', 'readableDidRead'],
];
const SERVER_FACTS = [
  ...['listening', 'maxConnections', 'dropMaxConnection', 'allowHalfOpen', 'pauseOnConnect', 'noDelay', 'keepAlive'],
  ...['keepAliveInitialDelay', 'highWaterMark', 'connections'],
];

same('a new Socket: every property', (trial) => {
  const socket = trial.socket();
  trial.look('client', 'new', socket, ...SOCKET_FACTS);
  trial.log('client', 'address()', socket.address());
});

same('a new Server: every property', (trial) => {
  const server = trial.server();
  trial.look('server', 'new', server, ...SERVER_FACTS);
  trial.log('server', 'address()', server.address());
});

same('what a server remembers of its options', (trial) => {
  const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true, keepAlive: true };
  const server = trial.server({ ...options, keepAliveInitialDelay: 2500, highWaterMark: 1000 });
  trial.look('server', 'all', server, ...SERVER_FACTS);
  trial.look('server', 'negative', trial.server({ keepAliveInitialDelay: -1, highWaterMark: -1 }), ...SERVER_FACTS);
});

same('what a socket remembers of its options', (trial) => {
  trial.look('client', 'half-open', trial.socket({ allowHalfOpen: true }), ...SOCKET_FACTS);
  trial.look('client', 'highWaterMark', trial.socket({ highWaterMark: 5 } as object), ...SOCKET_FACTS);
  trial.look(
    'client',
    'two marks',
    trial.socket({ readableHighWaterMark: 5, writableHighWaterMark: 6 } as object),
    ...SOCKET_FACTS,
  );
  trial.look('client', 'not readable', trial.socket({ readable: false }), ...SOCKET_FACTS);
  trial.look('client', 'not writable', trial.socket({ writable: false }), ...SOCKET_FACTS);
});

same('options are not changed by who gets them', (trial) => {
  const options = Object.freeze({ allowHalfOpen: true, noDelay: true, keepAlive: true, highWaterMark: 5 });
  trial.socket(options as object);
  trial.server(options);
  trial.log('options', 'still', options);
});

same('Socket, Stream and Server are made without new', (trial) => {
  const net = trial.net as Loose;
  for (const name of ['Socket', 'Stream', 'Server']) {
    const made = net[name]();
    trial.log('module', name, made, made instanceof net[name], made instanceof EventEmitter, made instanceof Duplex);
  }
  trial.log('module', 'with options', net.Socket({ allowHalfOpen: true }).allowHalfOpen);
  trial.log('module', 'with a listener', net.Server(() => {}).listenerCount('connection'));
});

same('a class of ES6 extends Socket', async (trial) => {
  class Mine extends trial.net.Socket {
    readonly mine = 'mine';
    override setNoDelay(noDelay?: boolean): this {
      trial.log('client', 'overridden');
      return super.setNoDelay(noDelay);
    }
  }
  const server = trial.keep(trial.net.createServer());
  const port = await trial.listen(server);
  const socket = trial.keepSocket(new Mine({ allowHalfOpen: true })) as Mine;
  trial.log('client', 'is', socket, socket instanceof trial.net.Socket, socket.mine, socket.allowHalfOpen);
  const connected = trial.event(socket, 'connect');
  trial.log('client', 'connect gives itself', socket.connect(port, '127.0.0.1') === socket);
  await connected;
  trial.log('client', 'setNoDelay gives itself', socket.setNoDelay() === socket);
});

same('a class of ES5 inherits from Socket', async (trial) => {
  const { Socket } = trial.net as Loose;
  function Mine(this: Loose, options: object): void {
    Socket.call(this, options);
    this.mine = 'mine';
  }
  inherits(Mine, Socket);
  const server = trial.keep(trial.net.createServer());
  const port = await trial.listen(server);
  const socket = new (Mine as Loose)({ allowHalfOpen: true });
  trial.keepSocket(socket);
  trial.log('client', 'is', socket, socket instanceof Socket, socket.mine, socket.allowHalfOpen);
  const connected = trial.event(socket, 'connect');
  socket.connect(port, '127.0.0.1');
  await connected;
  trial.look('client', 'connected', socket, 'readyState', 'remoteAddress', 'remotePort');
});

same('classes of ES5 and ES6 extend Server', async (trial) => {
  const { Server } = trial.net as Loose;
  function Old(this: Loose, listener: Loose): void {
    Server.call(this, { allowHalfOpen: true }, listener);
  }
  inherits(Old, Server);
  class New extends Server {}
  for (const server of [new (Old as Loose)(() => {}), new (New as Loose)(() => {})]) {
    trial.keep(server);
    trial.log(
      'server',
      'is',
      server,
      server instanceof Server,
      server.listenerCount('connection'),
      server.allowHalfOpen,
    );
    trial.log('server', 'listen gives itself', server.listen(0, '127.0.0.1') === server);
    await trial.event(server, 'listening');
    trial.log('server', 'listens', server.listening);
    server.close();
    await trial.event(server, 'close');
  }
});

same('accepted and connected sockets are instances of Socket', async (trial) => {
  const { near, far, server } = await trial.pair();
  for (const [who, socket] of Object.entries({ near, far })) {
    trial.log(who, 'is', socket, socket instanceof trial.net.Socket, socket instanceof Duplex);
  }
  const servers = [near, far].map((socket) => (socket as unknown as { server: unknown }).server);
  trial.log('both', 'server', servers[0], servers[1] === server);
});

same('methods give the socket itself', async (trial) => {
  const { near } = await trial.pair();
  const calls = [
    'setNoDelay',
    'setKeepAlive',
    'pause',
    'resume',
    'ref',
    'unref',
    'setEncoding',
    'cork',
    'uncork',
    'end',
  ];
  for (const name of calls) trial.log('client', name, (near as Loose)[name]() === near);
  trial.log('client', 'setTimeout', near.setTimeout(0) === near);
  trial.log('client', 'destroySoon', near.destroySoon());
  trial.log('client', 'destroy', near.destroy() === near);
  trial.log('client', 'resetAndDestroy', near.resetAndDestroy() === near);
});

same('methods give the server itself', (trial) => {
  const server = trial.server();
  trial.log('server', 'ref', server.ref() === server, 'unref', server.unref() === server);
  trial.log('server', 'getConnections', server.getConnections(() => {}) === server);
  trial.log('server', 'listen', server.listen(0) === server, 'close', server.close() === server);
});

same('the members of Socket and Server that programs find', (trial) => {
  const { Socket, Server } = trial.net;
  const members = [
    'destroySoon',
    'resetAndDestroy',
    'setTimeout',
    'address',
    'connect',
    'ref',
    'unref',
    'pending',
    'readyState',
  ];
  for (const name of members) trial.log('Socket', name, name in Socket.prototype);
  for (const name of ['listen', 'close', 'address', 'getConnections', 'ref', 'unref', 'listening']) {
    trial.log('Server', name, name in Server.prototype);
  }
  trial.log('Server', 'asyncDispose', Symbol.asyncDispose in Server.prototype);
  trial.log('Socket', 'asyncDispose', Symbol.asyncDispose in Socket.prototype);
});
