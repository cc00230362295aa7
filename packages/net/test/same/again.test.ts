/** A socket object that connects again after its connection is over. */

import type { Socket } from 'node:net';
import { same, sameApart } from './same.ts';
import { collect, type Trial } from './trial.ts';

const STATE = [
  'readyState',
  'destroyed',
  'closed',
  'connecting',
  'pending',
  'readable',
  'writable',
  'bytesRead',
  'bytesWritten',
];

/** A server that says a word and ends. */
async function greeter(trial: Trial, word = 'hello'): Promise<number> {
  return await trial.listen(trial.keep(trial.net.createServer((far: Socket) => far.resume().end(word))));
}

same('after an ordinary end', async (trial) => {
  const port = await greeter(trial);
  const socket = trial.socket();
  for (let round = 0; round < 3; round++) {
    const closed = trial.event(socket, 'close');
    let text = '';
    const hear = (data: Buffer): void => {
      text += data;
    };
    socket.on('data', hear);
    socket.connect(port, '127.0.0.1');
    trial.look('client', `round ${round}`, socket, ...STATE);
    await closed;
    socket.off('data', hear);
    trial.log('client', 'heard', text);
    trial.look('client', `closed ${round}`, socket, ...STATE);
  }
});

same('after destroy()', async (trial) => {
  const port = await trial.listen(trial.keep(trial.net.createServer((far) => far.resume().on('error', () => {}))));
  const socket = trial.socket();
  for (let round = 0; round < 2; round++) {
    socket.connect(port, '127.0.0.1');
    await trial.event(socket, 'ready');
    const closed = trial.event(socket, 'close');
    socket.destroy();
    await closed;
    trial.look('client', `closed ${round}`, socket, ...STATE);
  }
});

same('after a refusal', async (trial) => {
  const nowhere = await trial.freePort('127.0.0.1', 'NOWHERE');
  const port = await greeter(trial);
  const socket = trial.socket();
  const refused = trial.event(socket, 'close');
  socket.connect(nowhere, '127.0.0.1');
  await refused;
  trial.look('client', 'refused', socket, ...STATE, 'errored');
  const closed = trial.event(socket, 'close');
  collect(trial, 'client', socket);
  socket.connect(port, '127.0.0.1');
  trial.look('client', 'again', socket, ...STATE, 'errored');
  await closed;
});

same("in 'close'", async (trial) => {
  const port = await greeter(trial);
  const socket = trial.socket();
  let rounds = 0;
  await trial.wait('three rounds', (done: () => void) => {
    socket.resume().on('close', () => {
      if (++rounds === 3) done();
      else socket.connect(port, '127.0.0.1');
    });
    socket.connect(port, '127.0.0.1');
  });
});

same('a destroyed socket that never connected', async (trial) => {
  const port = await greeter(trial);
  const socket = trial.socket();
  const closed = trial.event(socket, 'close');
  socket.destroy();
  await closed;
  const over = trial.event(socket, 'close');
  collect(trial, 'client', socket);
  socket.connect(port, '127.0.0.1');
  trial.look('client', 'again', socket, ...STATE);
  await over;
});

sameApart('counters begin anew with the connection', async (trial) => {
  const server = trial.keep(trial.net.createServer((far) => far.pipe(far)));
  const port = await trial.listen(server);
  const socket = trial.socket();
  for (const words of ['long words', 'short']) {
    const closed = trial.event(socket, 'close');
    socket.connect(port, '127.0.0.1');
    socket.resume();
    socket.end(words);
    await closed;
    trial.look('client', words, socket, 'bytesRead', 'bytesWritten');
  }
});

sameApart('its addresses are those of the new connection', async (trial) => {
  const port = await trial.listen(trial.keep(trial.net.createServer((far) => far.resume().end())));
  const other = await trial.listen(
    trial.keep(trial.net.createServer((far) => far.resume().end())),
    { port: 0, host: '::1' },
    'OTHER',
  );
  const socket = trial.socket();
  for (const [to, host] of [
    [port, '127.0.0.1'],
    [other, '::1'],
  ] as const) {
    const closed = trial.event(socket, 'close');
    socket.connect(to, host);
    await trial.event(socket, 'ready');
    trial.look('client', 'ready', socket, 'remoteAddress', 'remotePort', 'remoteFamily', 'localAddress');
    socket.resume();
    await closed;
  }
});

same('write() works again after a peer that had ended', async (trial) => {
  const port = await trial.listen(trial.keep(trial.net.createServer((far) => far.pipe(far))));
  const socket = trial.socket();
  collect(trial, 'client', socket);
  for (const words of ['one', 'two']) {
    const closed = trial.event(socket, 'close');
    socket.connect(port, '127.0.0.1');
    await trial.event(socket, 'ready');
    trial.log('client', 'write', socket.write(words));
    socket.end();
    await closed;
  }
});

same('timeouts and options are kept', async (trial) => {
  const port = await trial.listen(trial.keep(trial.net.createServer((far) => far.resume().on('error', () => {}))));
  const socket = trial.socket({ allowHalfOpen: true });
  socket.setTimeout(60_000);
  for (let round = 0; round < 2; round++) {
    socket.connect(port, '127.0.0.1');
    await trial.event(socket, 'ready');
    trial.look('client', 'ready', socket, 'timeout', 'allowHalfOpen');
    const closed = trial.event(socket, 'close');
    socket.destroy();
    await closed;
  }
});
