/** listen(): its overloads, what is told of the address, and the errors it gives. */

import type { AddressInfo, ListenOptions, Server } from 'node:net';
import { same, sameApart } from './same.ts';
import type { Trial } from './trial.ts';

/** Listens as `start` says, logs what came of it, and closes. */
async function listens(trial: Trial, start: (server: Server) => unknown): Promise<void> {
  const server = trial.server();
  const over = trial.wait('listening or an error', (done: () => void) =>
    server.once('listening', done).once('error', done),
  );
  const begun = trial.attempt('server', 'listen', () => start(server) === server);
  trial.look('server', 'at once', server, 'listening');
  if (begun !== true) return;
  await over;
  trial.namePort(server);
  trial.log('server', 'address()', server.address());
  trial.look('server', 'then', server, 'listening');
  const closed = trial.event(server, 'close');
  server.close((error) => trial.log('server', 'closed', error));
  trial.look('server', 'closing', server, 'listening');
  trial.log('server', 'address()', server.address());
  await closed;
}

const callback = (trial: Trial) => (): void => trial.log('server', 'callback');

const OVERLOADS: Readonly<Record<string, (server: Server, trial: Trial) => unknown>> = {
  'listen()': (server) => server.listen(),
  'listen(callback)': (server, trial) => server.listen(callback(trial)),
  'listen(0)': (server) => server.listen(0),
  'listen("0")': (server) => server.listen('0' as unknown as number),
  'listen(0, callback)': (server, trial) => server.listen(0, callback(trial)),
  'listen(0, host)': (server) => server.listen(0, '127.0.0.1'),
  'listen(0, host, callback)': (server, trial) => server.listen(0, '127.0.0.1', callback(trial)),
  'listen(0, backlog)': (server) => server.listen(0, 5 as unknown as string),
  'listen(0, host, backlog)': (server) => server.listen(0, '127.0.0.1', 5),
  'listen(0, host, backlog, callback)': (server, trial) => server.listen(0, '127.0.0.1', 5, callback(trial)),
  'listen(0, undefined, callback)': (server, trial) => server.listen(0, undefined, callback(trial)),
  'listen(0, null, null, callback)': (server, trial) =>
    (server.listen as (...args: unknown[]) => Server).call(server, 0, null, null, callback(trial)),
  'listen(null)': (server) => server.listen(null as unknown as number),
  'listen(undefined, callback)': (server, trial) => server.listen(undefined, callback(trial)),
  'listen({ port: 0 })': (server) => server.listen({ port: 0 }),
  'listen({ port: "0" })': (server) => server.listen({ port: '0' as unknown as number }),
  'listen({ port: undefined })': (server) => server.listen({ port: undefined } as ListenOptions),
  'listen({ port: null })': (server) => server.listen({ port: null } as unknown as ListenOptions),
  'listen({ port, host }, callback)': (server, trial) => server.listen({ port: 0, host: '127.0.0.1' }, callback(trial)),
  'listen({ port, host: IPv6 })': (server) => server.listen({ port: 0, host: '::1' }),
  'listen({ port, host: "" })': (server) => server.listen({ port: 0, host: '' }),
  'listen({ port, host: "0.0.0.0" })': (server) => server.listen({ port: 0, host: '0.0.0.0' }),
  'listen({ port, host: "::", ipv6Only })': (server) => server.listen({ port: 0, host: '::', ipv6Only: true }),
  'listen({ port, ipv6Only })': (server) => server.listen({ port: 0, ipv6Only: true }),
  'listen({ port, exclusive })': (server) => server.listen({ port: 0, host: '127.0.0.1', exclusive: true }),
  'listen({ port, reusePort })': (server) => server.listen({ port: 0, host: '127.0.0.1', reusePort: true }),
  'listen({ port, backlog: 1 })': (server) => server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }),
  'listen({ port, backlog: -1 })': (server) => server.listen({ port: 0, host: '127.0.0.1', backlog: -1 }),
  'listen({ port, backlog: string })': (server) =>
    server.listen({ port: 0, host: '127.0.0.1', backlog: 'many' as unknown as number }),
  'listen({ port, readableAll, writableAll })': (server) =>
    server.listen({ port: 0, host: '127.0.0.1', readableAll: true, writableAll: true }),
  'listen of a name': (server) => server.listen(0, 'localhost'),
  'listen of an address that is not ours': (server) => server.listen({ port: 0, host: '192.0.2.1' }),
  'listen of an IPv6 address that is not ours': (server) => server.listen({ port: 0, host: '2001:db8::1' }),
  'listen of a name that cannot be': (server) => server.listen({ port: 0, host: 'name with spaces' }),
  'listen of a host of a wrong type': (server) => server.listen({ port: 0, host: 5 as unknown as string }),
  'listen of an empty text': (server) => server.listen('' as unknown as number),
};

for (const [title, start] of Object.entries(OVERLOADS)) {
  same(title, (trial) => listens(trial, (server) => start(server, trial)));
}

same('a port that is taken: EADDRINUSE, and the server may try again', async (trial) => {
  const first = trial.server({}, 'first');
  const port = await trial.listen(first);
  const second = trial.server({}, 'second');
  second.listen(port, '127.0.0.1', () => trial.log('second', 'callback'));
  trial.look('second', 'at once', second, 'listening');
  await trial.event(second, 'error');
  trial.look('second', 'after the error', second, 'listening');
  first.close();
  await trial.event(first, 'close');
  second.listen(port, '127.0.0.1');
  await trial.event(second, 'listening');
  trial.log('second', 'address()', second.address());
});

for (const [mine, others] of [
  ['0.0.0.0', '127.0.0.1'],
  ['127.0.0.1', '0.0.0.0'],
  ['::', '127.0.0.1'],
  ['::', '::1'],
  ['127.0.0.1', '127.0.0.2'],
  ['127.0.0.1', '::1'],
] as const) {
  same(`the same port on ${mine} and then on ${others}`, async (trial) => {
    const first = trial.server({}, 'first');
    const port = await trial.listen(first, { port: 0, host: mine });
    const second = trial.server({}, 'second');
    const over = trial.wait('either', (done: () => void) => second.once('listening', done).once('error', done));
    second.listen(port, others);
    await over;
    trial.look('second', 'then', second, 'listening');
  });
}

same('two servers share a port with reusePort', async (trial) => {
  const first = trial.server({}, 'first');
  const port = await trial.listen(first, { port: 0, host: '127.0.0.1', reusePort: true });
  const second = trial.server({}, 'second');
  await trial.listen(second, { port, host: '127.0.0.1', reusePort: true });
  const third = trial.server({}, 'third');
  third.listen({ port, host: '127.0.0.1' });
  await trial.event(third, 'error');
});

same('ipv6Only leaves the port of IPv4 to another', async (trial) => {
  const first = trial.server({}, 'first');
  const port = await trial.listen(first, { port: 0, host: '::', ipv6Only: true });
  const second = trial.server({}, 'second');
  await trial.listen(second, { port, host: '0.0.0.0' });
  trial.log('second', 'address()', second.address());
});

sameApart('a server with ipv6Only refuses IPv4', async (trial) => {
  const server = trial.server();
  const port = await trial.listen(server, { port: 0, host: '::', ipv6Only: true });
  const socket = trial.socket();
  socket.connect(port, '127.0.0.1');
  await trial.event(socket, 'close');
});

sameApart('a server on :: has IPv4 as mapped addresses', async (trial) => {
  const { near, far } = await trial.pair({}, { host: '::' }).then((ends) => ends);
  trial.look('client', 'sees', near, 'localAddress', 'localFamily', 'remoteAddress', 'remoteFamily');
  trial.look('accepted', 'sees', far, 'localAddress', 'localFamily', 'remoteAddress', 'remoteFamily');
});

same('the backlog of a listener that is in use again', async (trial) => {
  const server = trial.server();
  for (let round = 0; round < 2; round++) {
    await trial.listen(server, { port: 0, host: '127.0.0.1', backlog: 3 });
    trial.log('server', 'family', (server.address() as AddressInfo).family);
    const closed = trial.event(server, 'close');
    server.close();
    await closed;
  }
});

same('a privileged word for a port: listen("80x") is a path', async (trial) => {
  const server = trial.server();
  server.listen('/nowhere/at/all/80x');
  await trial.event(server, 'error');
  trial.look('server', 'then', server, 'listening');
});

same('signal: aborted before, and during', async (trial) => {
  for (const when of ['before', 'after']) {
    const server = trial.server();
    const abort = new AbortController();
    if (when === 'before') abort.abort();
    server.listen({ port: 0, host: '127.0.0.1', signal: abort.signal });
    if (when === 'after') {
      await trial.event(server, 'listening');
      abort.abort();
    }
    trial.look('server', `abort ${when}`, server, 'listening');
    await trial.event(server, 'close');
    trial.look('server', 'then', server, 'listening');
  }
});
