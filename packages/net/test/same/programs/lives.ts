/** What a program does before it has nothing more to do. Whether it then ends is what is compared. */

import type { Server, Socket } from 'node:net';
import type { Net } from '../trial.ts';

export type Tell = (words: string) => void;
export type Life = (net: Net, tell: Tell) => unknown;

const event = (emitter: NodeJS.EventEmitter, name: string): Promise<unknown[]> =>
  new Promise((resolve) => emitter.once(name, (...values: unknown[]) => resolve(values)));

async function listens(net: Net, server: Server = net.createServer()): Promise<number> {
  server.listen(0, '127.0.0.1');
  await event(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A connection and its server; each of the three holds the process until told otherwise. */
async function pair(net: Net): Promise<{ server: Server; near: Socket; far: Socket }> {
  const server = net.createServer({ allowHalfOpen: true });
  const port = await listens(net, server);
  const near = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [far] = (await event(server, 'connection')) as [Socket];
  if (near.connecting) await event(near, 'connect');
  return { server, near, far };
}

export const lives: Readonly<Record<string, Life>> = {
  'nothing is made': () => {},
  'a server that does not listen': (net) => net.createServer(),
  'a socket that does not connect': (net) => new net.Socket().setTimeout(60_000),
  'a server listens': async (net) => await listens(net),
  'a server listens, unref': async (net) => {
    const server = net.createServer();
    await listens(net, server);
    server.unref();
  },
  'a server unref before it listens': (net) => net.createServer().unref().listen(0, '127.0.0.1'),
  'a server unref and ref': async (net) => {
    const server = net.createServer().unref();
    await listens(net, server);
    server.ref();
  },
  'a server unref twice and ref once': async (net) => {
    const server = net.createServer();
    await listens(net, server);
    server.unref().unref().ref();
  },
  'a server that is closed': async (net, tell) => {
    const server = net.createServer();
    await listens(net, server);
    server.close(() => tell('closed'));
  },
  'a server whose signal is aborted': async (net, tell) => {
    const abort = new AbortController();
    const server = net.createServer().on('close', () => tell('closed'));
    server.listen({ port: 0, host: '127.0.0.1', signal: abort.signal });
    await event(server, 'listening');
    abort.abort();
  },
  'an idle connection without its server': async (net) => {
    const { server } = await pair(net);
    server.close();
  },
  'an idle connection, unref at both ends, and a closed server': async (net) => {
    const { server, near, far } = await pair(net);
    server.close();
    near.unref();
    far.unref();
  },
  'an idle connection, unref at the end that accepted only': async (net) => {
    const { server, far } = await pair(net);
    server.close();
    far.unref();
  },
  'an idle connection, unref at both ends, and an unref server': async (net) => {
    const { server, near, far } = await pair(net);
    for (const each of [server, near, far]) each.unref();
  },
  'an unref connection that is ref again': async (net) => {
    const { server, near, far } = await pair(net);
    for (const each of [server, near, far]) each.unref();
    near.ref();
  },
  'a socket unref before it connects': async (net, tell) => {
    const server = net.createServer((far) => far.unref());
    const port = await listens(net, server);
    const near = net.connect(port, '127.0.0.1').unref();
    near.on('connect', () => tell('connected'));
    await event(server, 'connection');
    server.unref();
  },
  'a new socket unref, and then connected': async (net, tell) => {
    const server = net.createServer((far) => far.unref());
    const port = await listens(net, server);
    const near = new net.Socket().unref();
    near.connect(port, '127.0.0.1', () => {
      tell('connected');
      server.unref();
    });
  },
  'a connection that both ended': async (net, tell) => {
    const { server, near, far } = await pair(net);
    server.close(() => tell('server closed'));
    for (const [who, end] of Object.entries({ near, far })) {
      end.on('close', () => setImmediate(() => tell('closed'))).resume();
      end.end(who);
    }
  },
  'a connection that one end ended': async (net) => {
    const { server, near, far } = await pair(net);
    server.close();
    far.resume();
    near.resume().end();
  },
  'a connection that was destroyed': async (net, tell) => {
    const { server, near, far } = await pair(net);
    server.close(() => tell('server closed'));
    far.resume().on('end', () => far.end());
    near.destroy();
  },
  'a connection that was reset': async (net, tell) => {
    const { server, near, far } = await pair(net);
    server.close(() => tell('server closed'));
    far.on('error', (error) => tell(error.message)).resume();
    near.resetAndDestroy();
  },
  'bytes that nobody reads': async (net) => {
    const { server, near, far } = await pair(net);
    server.close();
    near.write('bytes');
    near.unref();
    far.pause();
  },
  'a write that the peer does not take, from an unref socket': async (net) => {
    const { server, near, far } = await pair(net);
    for (const each of [server, near, far]) each.unref();
    near.write(Buffer.alloc(64 << 20));
  },
  'a timeout of an unref connection': async (net, tell) => {
    const { server, near, far } = await pair(net);
    for (const each of [server, near, far]) each.unref();
    near.setTimeout(300, () => tell('timeout'));
  },
  'a connection that is refused': async (net, tell) => {
    const server = net.createServer();
    const port = await listens(net, server);
    server.close();
    await event(server, 'close');
    net.connect(port, '127.0.0.1').on('error', (error: NodeJS.ErrnoException) => tell(String(error.code)));
  },
  'an unref connection that is refused': async (net, tell) => {
    const server = net.createServer();
    const port = await listens(net, server);
    server.close();
    await event(server, 'close');
    const near = net.connect(port, '127.0.0.1').unref();
    near.on('error', (error: NodeJS.ErrnoException) => tell(String(error.code)));
  },
  'an error that nobody hears': async (net, tell) => {
    process.on('uncaughtException', (error: NodeJS.ErrnoException) => tell(`uncaught ${error.code}`));
    const server = net.createServer();
    const port = await listens(net, server);
    server.close();
    await event(server, 'close');
    net.connect(port, '127.0.0.1').on('close', () => tell('closed'));
  },
  'listeners that throw: the rest goes on': async (net, tell) => {
    process.on('uncaughtException', (error) => tell(error.message));
    const raise = (what: string) => (): never => {
      throw new Error(`thrown in ${what}`);
    };
    const server = net.createServer((far) => {
      far.on('data', raise('data of far')).on('end', () => far.end('answer'));
      throw new Error('thrown in connection');
    });
    const port = await listens(net, server);
    const near = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    near.on('close', () => tell('closed')).on('close', raise('close'));
    near.on('connect', () => server.close());
    near.on('data', (data) => tell(String(data))).on('data', raise('data'));
    near.end('question');
  },
  'a listener of connect that throws': async (net, tell) => {
    process.on('uncaughtException', (error) => tell(error.message));
    const server = net.createServer({ allowHalfOpen: true }, (far) => far.pipe(far));
    const port = await listens(net, server);
    const near = net.connect(port, '127.0.0.1', () => {
      server.close();
      throw new Error('thrown in connect');
    });
    near.on('close', () => tell('closed')).on('data', (data) => tell(String(data)));
    near.end('written before');
  },
  'an unref server whose clients hold the process accepts them': async (net, tell) => {
    const server = net.createServer((far) => far.unref().end('hello'));
    const port = await listens(net, server);
    server.unref();
    const near = net.connect(port, '127.0.0.1');
    near.on('data', (data) => tell(String(data))).on('close', () => tell('closed'));
  },
  'a closed server with a connection that ends later': async (net, tell) => {
    const { server, near, far } = await pair(net);
    server.close(() => tell('server closed'));
    far.resume().on('end', () => far.end());
    near.resume();
    setTimeout(() => near.end(), 20);
  },
};
