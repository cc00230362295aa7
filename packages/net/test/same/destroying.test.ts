/** destroy, destroySoon, resetAndDestroy and abort signals, at each stage of a connection. */

import type { Server, Socket } from 'node:net';
import { same, sameApart } from './same.ts';
import { collect, type Ends, SOCKET_EVENTS, type Trial } from './trial.ts';

const STATE = ['destroyed', 'closed', 'errored', 'readyState', 'pending', 'connecting'];

async function bothClosed(trial: Trial, { near, far }: Ends): Promise<void> {
  await Promise.all([near, far].filter((end) => !end.closed).map((end) => trial.event(end, 'close')));
}

const only = (trial: Trial, who: string): void => {
  trial.lines.splice(0, trial.lines.length, ...trial.lines.filter((line) => line.who === who));
};

/** Who connects later is told later: what was to come before has come. */
async function oneMore(trial: Trial, server: Server, port: number): Promise<void> {
  const next = trial.keepSocket(trial.net.connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' }));
  await trial.wait('the next', (done: () => void) =>
    server.on('connection', (far: Socket) => {
      if (far.remoteAddress === next.localAddress) done();
    }),
  );
}

same('destroy() of a new socket', async (trial) => {
  const socket = trial.socket();
  const closed = trial.event(socket, 'close');
  trial.log('client', 'gives itself', socket.destroy() === socket);
  trial.look('client', 'at once', socket, ...STATE);
  process.nextTick(() => trial.log('client', 'next tick'));
  await closed;
  trial.look('client', 'closed', socket, ...STATE);
});

same('destroy(error) of a new socket', async (trial) => {
  const socket = trial.socket();
  const closed = trial.event(socket, 'close');
  socket.destroy(new Error('mine'));
  trial.look('client', 'at once', socket, ...STATE);
  await closed;
});

sameApart('destroy() of a connected socket', async (trial) => {
  const ends = await trial.pair();
  ends.far.resume();
  ends.near.destroy();
  trial.look('client', 'at once', ends.near, ...STATE);
  await bothClosed(trial, ends);
});

same("order of 'error' and 'close' after destroy(error)", async (trial) => {
  const { near } = await trial.pair();
  trial.lines.length = 0;
  const closed = trial.event(near, 'close');
  near.destroy(new Error('mine'));
  trial.log('client', 'the same turn');
  process.nextTick(() => trial.log('client', 'next tick'));
  await closed;
  only(trial, 'client');
});

sameApart('destroy() with bytes that wait to be written', async (trial) => {
  const ends = await trial.pair();
  ends.far.resume();
  ends.near.write('on its way', (error) => trial.log('client', 'callback', error));
  ends.near.destroy();
  await bothClosed(trial, ends);
});

same('the callbacks of writes that were queued when the socket was destroyed', async (trial) => {
  const { near } = await trial.pair();
  trial.lines.length = 0;
  const closed = trial.event(near, 'close');
  near.cork();
  for (const words of ['one', 'two']) near.write(words, (error) => trial.log('client', words, error));
  near.end('three', () => trial.log('client', 'end callback'));
  near.destroy(new Error('mine'));
  await closed;
  only(trial, 'client');
});

same('write() after destroy(): ERR_STREAM_DESTROYED', async (trial) => {
  const { near } = await trial.pair();
  trial.lines.length = 0;
  const closed = trial.event(near, 'close');
  near.destroy();
  trial.attempt('client', 'write', () => near.write('late', (error) => trial.log('client', 'callback', error)));
  trial.attempt(
    'client',
    'end',
    () => near.end((error?: Error) => trial.log('client', 'end callback', error)) === near,
  );
  trial.attempt('client', 'read', () => near.read());
  await closed;
  trial.attempt('client', 'write after close', () =>
    near.write('later', (error) => trial.log('client', 'callback', error)),
  );
  await new Promise(setImmediate);
  only(trial, 'client');
});

same('write() without a connection: ERR_SOCKET_CLOSED', async (trial) => {
  const socket = trial.socket();
  const closed = trial.event(socket, 'close');
  trial.attempt('client', 'write', () => socket.write('nowhere', (error) => trial.log('client', 'callback', error)));
  await closed;
});

same('end() without a connection', async (trial) => {
  const socket = trial.socket();
  const finished = trial.event(socket, 'finish');
  trial.attempt('client', 'end', () => socket.end(() => trial.log('client', 'callback')) === socket);
  await finished;
  trial.look('client', 'finished', socket, ...STATE);
});

same('end(bytes) without a connection', async (trial) => {
  const socket = trial.socket();
  const closed = trial.event(socket, 'close');
  trial.attempt('client', 'end', () => socket.end('nowhere') === socket);
  await closed;
});

same('destroyed while connecting: a write that waits gets ERR_SOCKET_CLOSED_BEFORE_CONNECTION', async (trial) => {
  const port = await trial.listen(trial.keep(trial.net.createServer()));
  const socket = trial.socket();
  const closed = trial.event(socket, 'close');
  socket.connect(port, '127.0.0.1');
  socket.write('early', (error) => trial.log('client', 'callback', error));
  socket.write('second', (error) => trial.log('client', 'second callback', error));
  socket.destroy();
  await closed;
});

same('refused: a write that waits is told', async (trial) => {
  const socket = trial.socket();
  const closed = trial.event(socket, 'close');
  socket.connect(await trial.freePort(), '127.0.0.1');
  socket.write('early', (error) => trial.log('client', 'callback', error));
  socket.end('late', () => trial.log('client', 'end callback'));
  await closed;
});

sameApart('destroySoon() with bytes to write: they arrive', async (trial) => {
  const ends = await trial.pair();
  collect(trial, 'accepted', ends.far);
  ends.near.write('last words');
  ends.near.destroySoon();
  trial.look('client', 'at once', ends.near, 'writableEnded', ...STATE);
  await bothClosed(trial, ends);
});

sameApart('destroySoon() after the end was written', async (trial) => {
  const ends = await trial.pair({ allowHalfOpen: true }, { allowHalfOpen: true });
  ends.far.resume();
  const finished = trial.event(ends.near, 'finish');
  ends.near.end();
  await finished;
  ends.near.destroySoon();
  trial.look('client', 'at once', ends.near, ...STATE);
  ends.far.end();
  await bothClosed(trial, ends);
});

same('destroySoon() of a new socket', async (trial) => {
  const socket = trial.socket();
  const closed = trial.event(socket, 'close');
  socket.destroySoon();
  trial.look('client', 'at once', socket, ...STATE);
  await closed;
});

sameApart('resetAndDestroy(): the peer reads ECONNRESET', async (trial) => {
  const ends = await trial.pair();
  ends.far.resume();
  trial.log('client', 'gives itself', ends.near.resetAndDestroy() === ends.near);
  trial.look('client', 'at once', ends.near, ...STATE);
  await bothClosed(trial, ends);
  trial.look('accepted', 'closed', ends.far, ...STATE);
});

sameApart('the server resets: a client that waits reads ECONNRESET', async (trial) => {
  const ends = await trial.pair();
  ends.near.resume();
  ends.far.resetAndDestroy();
  await bothClosed(trial, ends);
});

sameApart('a reset is told also to a socket whose bytes nobody reads', async (trial) => {
  const ends = await trial.pair();
  ends.far.resetAndDestroy();
  await bothClosed(trial, ends);
});

same('resetAndDestroy() of a new socket: ERR_SOCKET_CLOSED', async (trial) => {
  const socket = trial.socket();
  const closed = trial.event(socket, 'close');
  trial.attempt('client', 'reset', () => socket.resetAndDestroy() === socket);
  await closed;
});

sameApart('resetAndDestroy() while connecting waits for the connection', async (trial) => {
  const server = trial.server();
  const port = await trial.listen(server);
  const socket = trial.socket();
  const closed = trial.event(socket, 'close');
  socket.connect(port, '127.0.0.1', () => trial.log('client', 'callback'));
  socket.resetAndDestroy();
  trial.look('client', 'at once', socket, ...STATE);
  await closed;
  await oneMore(trial, server, port);
});

same('resetAndDestroy() of a destroyed socket', async (trial) => {
  const { near } = await trial.pair();
  trial.lines.length = 0;
  const closed = trial.event(near, 'close');
  near.destroy();
  near.resetAndDestroy();
  await closed;
  near.resetAndDestroy();
  await new Promise(setImmediate);
  only(trial, 'client');
});

sameApart('a write after the peer reset: its error is told', async (trial) => {
  const { near, far } = await trial.pair();
  near.pause();
  const closed = trial.event(near, 'close');
  far.resetAndDestroy();
  await closed;
  trial.attempt('client', 'write', () => near.write('late', (error) => trial.log('client', 'callback', error)));
  await new Promise(setImmediate);
});

sameApart('signal of a new socket: aborted later', async (trial) => {
  const abort = new AbortController();
  const ends = await trial.pair({}, { signal: abort.signal });
  ends.far.resume();
  abort.abort();
  trial.look('client', 'at once', ends.near, 'destroyed', 'readyState');
  await bothClosed(trial, ends);
});

same('signal: aborted with a reason', async (trial) => {
  const abort = new AbortController();
  const socket = trial.socket({ signal: abort.signal });
  const closed = trial.event(socket, 'close');
  abort.abort(new Error('the reason'));
  await closed;
});

same('signal: aborted before', async (trial) => {
  const socket = trial.socket({ signal: AbortSignal.abort() });
  trial.look('client', 'at once', socket, ...STATE);
  await trial.event(socket, 'close');
});

same('signal: aborted while connecting', async (trial) => {
  const port = await trial.listen(trial.keep(trial.net.createServer()));
  const abort = new AbortController();
  const socket = trial.socket({ signal: abort.signal });
  const closed = trial.event(socket, 'close');
  socket.connect(port, '127.0.0.1', () => trial.log('client', 'callback'));
  abort.abort();
  await closed;
});

sameApart('connect({ signal }) that was aborted before', async (trial) => {
  const server = trial.server();
  const port = await trial.listen(server);
  const options = { port, host: '127.0.0.1', signal: AbortSignal.abort() };
  const socket = trial.keepSocket(trial.watch('client', trial.net.connect(options), SOCKET_EVENTS));
  await trial.event(socket, 'close');
  await oneMore(trial, server, port);
});

same('Symbol.asyncDispose of a socket destroys it', async (trial) => {
  const { near } = await trial.pair();
  trial.lines.length = 0;
  await near[Symbol.asyncDispose]();
  trial.look('client', 'disposed', near, ...STATE);
  only(trial, 'client');
});
