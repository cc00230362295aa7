/** One direction ends before the other: with and without allowHalfOpen, from both sides. */

import { same, sameApart } from './same.ts';
import { collect, type Ends, type Trial } from './trial.ts';

const STATE = ['readyState', 'readable', 'writable', 'readableEnded', 'writableEnded', 'writableFinished', 'destroyed'];

async function bothClosed(trial: Trial, { near, far }: Ends): Promise<void> {
  await Promise.all([near, far].filter((end) => !end.closed).map((end) => trial.event(end, 'close')));
}

for (const client of [true, false]) {
  for (const server of [true, false]) {
    const title = `client allowHalfOpen ${client}, server ${server}`;
    sameApart(`the client ends: ${title}`, async (trial) => {
      const ends = await trial.pair({ allowHalfOpen: server }, { allowHalfOpen: client });
      collect(trial, 'accepted', ends.far);
      collect(trial, 'client', ends.near);
      const ended = trial.event(ends.far, 'end');
      ends.near.end('last words');
      await ended;
      trial.look('accepted', 'after end', ends.far, ...STATE);
      if (server) ends.far.end('and mine');
      await bothClosed(trial, ends);
      trial.look('client', 'closed', ends.near, ...STATE);
    });

    sameApart(`the server ends: ${title}`, async (trial) => {
      const ends = await trial.pair({ allowHalfOpen: server }, { allowHalfOpen: client });
      collect(trial, 'accepted', ends.far);
      collect(trial, 'client', ends.near);
      const ended = trial.event(ends.near, 'end');
      ends.far.end('last words');
      await ended;
      trial.look('client', 'after end', ends.near, ...STATE);
      if (client) ends.near.end('and mine');
      await bothClosed(trial, ends);
      trial.look('accepted', 'closed', ends.far, ...STATE);
    });
  }
}

sameApart('a half-open socket goes on writing after its peer has ended', async (trial) => {
  const ends = await trial.pair({ allowHalfOpen: true }, { allowHalfOpen: true });
  collect(trial, 'client', ends.near);
  ends.far.resume();
  const ended = trial.event(ends.far, 'end');
  ends.near.end();
  await ended;
  for (const words of ['one ', 'two ', 'three']) {
    await trial.wait('written', (done: () => void) => ends.far.write(words, done));
    trial.look('accepted', 'written', ends.far, 'bytesWritten', 'readyState');
  }
  ends.far.end();
  await bothClosed(trial, ends);
});

same('write() after the peer ended a socket that is not half-open: EPIPE', async (trial) => {
  const { near, far } = await trial.pair({}, { allowHalfOpen: false });
  trial.lines.length = 0;
  near.resume();
  const finished = trial.event(near, 'finish');
  const closed = trial.event(near, 'close');
  near.once('end', () => {
    trial.look('client', 'in end', near, ...STATE);
    process.nextTick(() => {
      const result = trial.attempt('client', 'write', () =>
        near.write('late', (error) => trial.log('client', 'callback', error)),
      );
      trial.log('client', 'gave', result);
    });
  });
  far.end();
  await Promise.race([finished, closed]);
  await closed;
  trial.lines.splice(0, trial.lines.length, ...trial.lines.filter(({ who }) => who === 'client'));
});

same("write() in the 'end' of a socket that is not half-open", async (trial) => {
  const { near, far } = await trial.pair();
  trial.lines.length = 0;
  near.resume();
  far.resume();
  const closed = trial.event(near, 'close');
  near.once('end', () =>
    trial.attempt('client', 'write', () => near.write('in time', (error) => trial.log('client', 'callback', error))),
  );
  far.end();
  await closed;
  trial.look('client', 'closed', near, 'bytesWritten', ...STATE);
  trial.lines.splice(0, trial.lines.length, ...trial.lines.filter(({ who }) => who === 'client'));
});

same('write() after end(): ERR_STREAM_WRITE_AFTER_END', async (trial) => {
  const { near } = await trial.pair();
  near.end();
  const closed = trial.event(near, 'close');
  trial.attempt('client', 'write', () => near.write('late', (error) => trial.log('client', 'callback', error)));
  trial.look('client', 'at once', near, ...STATE);
  await closed;
});

same('end() after end()', async (trial) => {
  const { near, far } = await trial.pair();
  far.resume();
  near.resume();
  const closed = trial.event(near, 'close');
  near.end(() => trial.log('client', 'first callback'));
  trial.attempt(
    'client',
    'again',
    () => near.end((error?: Error) => trial.log('client', 'second callback', error)) === near,
  );
  trial.attempt('client', 'again with bytes', () => near.end('late') === near);
  await closed;
  trial.lines.splice(0, trial.lines.length, ...trial.lines.filter(({ who }) => who === 'client'));
});

sameApart('end(bytes, encoding, callback)', async (trial) => {
  const ends = await trial.pair();
  collect(trial, 'accepted', ends.far);
  ends.near.resume();
  trial.log(
    'client',
    'gives itself',
    ends.near.end('6869', 'hex', () => trial.log('client', 'callback')) === ends.near,
  );
  await bothClosed(trial, ends);
});

sameApart('allowHalfOpen may be changed while the connection is open', async (trial) => {
  const ends = await trial.pair();
  ends.near.resume();
  ends.near.allowHalfOpen = true;
  ends.far.resume();
  const ended = trial.event(ends.near, 'end');
  ends.far.end();
  await ended;
  await trial.wait('written', (done: () => void) => ends.near.write('still', done));
  trial.look('client', 'still', ends.near, ...STATE);
  ends.near.end();
  await bothClosed(trial, ends);
});
