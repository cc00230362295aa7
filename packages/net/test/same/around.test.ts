/** What surrounds a connection: asynchronous contexts, diagnostics channels, and errors thrown by listeners. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { type ChannelListener, channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { same } from './same.ts';
import type { Trial } from './trial.ts';

/** Logs what is published on a channel while the case runs. */
function subscribe(trial: Trial, name: string): void {
  const hear: ChannelListener = (message) => trial.log('channel', name, message as object);
  channel(name).subscribe(hear);
  trial.finally(() => channel(name).unsubscribe(hear));
}

same('diagnostics channels of sockets', async (trial) => {
  subscribe(trial, 'net.client.socket');
  subscribe(trial, 'net.server.socket');
  const { near, far } = await trial.pair();
  trial.log('both', 'there', near, far);
});

same('diagnostics channels of listen()', async (trial) => {
  for (const phase of ['asyncStart', 'asyncEnd', 'error']) subscribe(trial, `tracing:net.server.listen:${phase}`);
  const server = trial.server();
  const port = await trial.listen(server);
  const second = trial.server({}, 'second');
  second.listen({ port, host: '127.0.0.1' });
  await trial.event(second, 'error');
});

for (const event of ['connect', 'data', 'end', 'close', 'timeout', 'error']) {
  same(`the context of the client in '${event}'`, async (trial) => {
    const storage = new AsyncLocalStorage<string>();
    const server = trial.keep(trial.net.createServer((far: Socket) => far.resume()));
    const port = await trial.listen(server);
    const accepted = trial.event(server, 'connection') as Promise<[Socket]>;
    const near = storage.run('of connect', () => trial.keepSocket(trial.net.connect(port, '127.0.0.1')));
    const seen = trial.event(near, event);
    near.on(event, () => trial.log('client', `in ${event}`, storage.getStore()));
    const [far] = await accepted;
    if (near.connecting) await trial.event(near, 'connect');
    if (event === 'timeout') near.setTimeout(10);
    if (event === 'error') far.resetAndDestroy();
    if (event !== 'end' && event !== 'close') far.write('bytes');
    else far.end();
    near.resume();
    await seen;
  });
}

same('the context of the server in connection', async (trial) => {
  const storage = new AsyncLocalStorage<string>();
  const server = trial.keep(trial.net.createServer());
  server.on('connection', () => trial.log('server', 'in connection', storage.getStore()));
  const port = await storage.run('of listen', () => trial.listen(server));
  const accepted = trial.event(server, 'connection');
  storage.run('of connect', () => trial.keepSocket(trial.net.connect(port, '127.0.0.1')));
  await accepted;
});

same('the context of callbacks: connect, write, end, close', async (trial) => {
  const storage = new AsyncLocalStorage<string>();
  const server = trial.keep(trial.net.createServer((far: Socket) => far.resume()));
  const port = await storage.run('of listen', () => trial.listen(server));
  const tell = (what: string) => (): void => trial.log('client', what, storage.getStore());
  const near = trial.keepSocket(new trial.net.Socket()).resume();
  const over = trial.event(near, 'close');
  storage.run('of connect', () => near.connect(port, '127.0.0.1', tell('connect')));
  await trial.event(near, 'ready');
  await trial.wait('written', (done: () => void) =>
    storage.run('of write', () =>
      near.write('bytes', () => {
        tell('write')();
        done();
      }),
    ),
  );
  storage.run('of end', () => near.end(tell('end')));
  await over;
  await trial.wait('closed', (done: () => void) =>
    storage.run('of close', () =>
      server.close(() => {
        trial.log('server', 'close', storage.getStore());
        done();
      }),
    ),
  );
});
