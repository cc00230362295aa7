/** A short life: the events of both ends, from the first to 'close', with and without bytes. */

import type { Socket } from 'node:net';
import { same, sameApart } from './same.ts';
import { collect, type Ends, type Trial } from './trial.ts';

const STATE = ['readyState', 'connecting', 'pending', 'readable', 'writable', 'destroyed', 'closed'];
const ENDED = ['readableEnded', 'writableEnded', 'writableFinished', 'closed', 'destroyed', 'errored'];

async function bothClosed(trial: Trial, { near, far }: Ends): Promise<void> {
  await Promise.all([near, far].filter((end) => !end.closed).map((end) => trial.event(end, 'close')));
}

sameApart('the client ends with bytes, the server answers and ends', async (trial) => {
  const ends = await trial.pair({ allowHalfOpen: true });
  collect(trial, 'accepted', ends.far);
  collect(trial, 'client', ends.near);
  ends.far.on('end', () => ends.far.end('answer'));
  ends.near.end('question');
  await bothClosed(trial, ends);
  for (const [who, end] of Object.entries({ client: ends.near, accepted: ends.far }))
    trial.look(who, 'closed', end, ...ENDED);
});

sameApart('the server speaks first and ends', async (trial) => {
  const ends = await trial.pair();
  collect(trial, 'client', ends.near);
  ends.far.resume();
  ends.far.end('hello');
  await bothClosed(trial, ends);
});

sameApart('both end in the same turn', async (trial) => {
  const ends = await trial.pair();
  collect(trial, 'client', ends.near);
  collect(trial, 'accepted', ends.far);
  ends.near.end('one');
  ends.far.end('two');
  await bothClosed(trial, ends);
});

sameApart('echo through pipe', async (trial) => {
  const ends = await trial.pair();
  ends.far.pipe(ends.far);
  collect(trial, 'client', ends.near);
  ends.near.write('one ');
  ends.near.end('two');
  await bothClosed(trial, ends);
});

sameApart('nobody reads: no end is told, and no close', async (trial) => {
  const ends = await trial.pair();
  ends.near.resume();
  ends.far.write('bytes');
  ends.far.end();
  await trial.event(ends.near, 'close');
  trial.look('accepted', 'meanwhile', ends.far, 'readableEnded', 'writableEnded');
});

sameApart('a peer that ends without bytes closes also who does not read', async (trial) => {
  const ends = await trial.pair();
  ends.far.end();
  await bothClosed(trial, ends);
  trial.look('client', 'closed', ends.near, ...ENDED);
});

sameApart('state at each stage', async (trial) => {
  const server = trial.server({ allowHalfOpen: true });
  const port = await trial.listen(server);
  const near = trial.socket({ allowHalfOpen: true });
  trial.look('client', 'new', near, ...STATE);
  const accepted = trial.event(server, 'connection') as Promise<[Socket]>;
  near.connect(port, '127.0.0.1');
  trial.look('client', 'connecting', near, ...STATE);
  await trial.event(near, 'connect');
  trial.look('client', 'connected', near, ...STATE);
  const [far] = await accepted;
  trial.look('accepted', 'accepted', far, ...STATE);
  near.resume();
  far.resume();
  const farEnd = trial.event(far, 'end');
  const nearFinish = trial.event(near, 'finish');
  near.end();
  trial.look('client', 'ending', near, ...STATE);
  await nearFinish;
  trial.look('client', 'finished', near, ...STATE);
  await farEnd;
  trial.look('accepted', 'peer ended', far, ...STATE);
  const closed = Promise.all([trial.event(near, 'close'), trial.event(far, 'close')]);
  far.end();
  trial.look('accepted', 'ending', far, ...STATE);
  await closed;
  for (const [who, end] of Object.entries({ client: near, accepted: far })) trial.look(who, 'closed', end, ...STATE);
});

same("'end' comes before 'close', and 'finish' between them when the socket ends by itself", async (trial) => {
  const { near, far } = await trial.pair();
  near.on('end', () => trial.look('client', 'in end', near, ...STATE));
  near.on('finish', () => trial.look('client', 'in finish', near, ...STATE));
  near.on('close', () => trial.look('client', 'in close', near, ...STATE));
  near.resume();
  trial.lines.length = 0;
  const closed = trial.event(near, 'close');
  far.destroy();
  await closed;
  trial.lines.splice(0, trial.lines.length, ...trial.lines.filter(({ who }) => who === 'client'));
});

sameApart('a connection that the server destroys at once', async (trial) => {
  const server = trial.keep(trial.net.createServer((far) => far.destroy()));
  const port = await trial.listen(server);
  const near = trial.socket();
  near.connect(port, '127.0.0.1');
  near.resume();
  await trial.event(near, 'close');
});

sameApart('a connection that the server ends at once with bytes', async (trial) => {
  const server = trial.keep(trial.net.createServer((far) => far.end('bye')));
  const port = await trial.listen(server);
  const near = trial.socket();
  collect(trial, 'client', near);
  near.connect(port, '127.0.0.1');
  await trial.event(near, 'close');
  trial.look('client', 'closed', near, 'bytesRead', 'bytesWritten', ...ENDED);
});

sameApart('bytes sent before the listener of connection is done are not lost', async (trial) => {
  const { near, far } = await trial.pair();
  near.write('early');
  await trial.wait('bytes', (done: () => void) => far.once('readable', done));
  trial.log('accepted', 'read', far.read());
  const closed = trial.event(far, 'close');
  near.end();
  far.resume();
  await closed;
});

sameApart('listeners added in connect see data', async (trial) => {
  const server = trial.keep(trial.net.createServer((far) => far.end('first words')));
  const port = await trial.listen(server);
  const near = trial.socket();
  near.connect(port, '127.0.0.1', () => {
    trial.log('client', 'callback');
    collect(trial, 'client', near);
  });
  await trial.event(near, 'close');
});

same('every connection of several is told with its server', async (trial) => {
  const server = trial.server();
  const port = await trial.listen(server);
  for (let round = 0; round < 3; round++) {
    const accepted = trial.event(server, 'connection') as Promise<[Socket]>;
    const near = trial.net.connect(port, '127.0.0.1');
    trial.keepSocket(near);
    const [far] = await accepted;
    trial.log('server', 'one', far, far.remotePort === near.localPort, far.localPort === port);
    const closed = trial.event(near.resume(), 'close');
    far.end();
    await closed;
  }
});

sameApart('an error thrown by nobody: destroy(error) is told once, with close true', async (trial) => {
  const ends = await trial.pair();
  ends.far.resume();
  ends.near.destroy(new Error('mine'));
  ends.near.destroy(new Error('too late'));
  await bothClosed(trial, ends);
  trial.look('client', 'closed', ends.near, ...ENDED);
});
