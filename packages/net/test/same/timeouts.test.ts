/** Timeouts of sockets, and the options that keep a connection: events, values, what rearms and what stops them. */

import { same, sameApart } from './same.ts';
import type { Trial } from './trial.ts';

const only = (trial: Trial, who: string): void => {
  trial.lines.splice(0, trial.lines.length, ...trial.lines.filter((line) => line.who === who));
};

same("setTimeout(): 'timeout' comes, and the socket stays as it was", async (trial) => {
  const { near } = await trial.pair();
  const rung = trial.event(near, 'timeout');
  near.setTimeout(20, () => trial.log('client', 'callback'));
  trial.look('client', 'set', near, 'timeout');
  await rung;
  trial.look('client', 'rung', near, 'timeout', 'destroyed', 'readyState');
});

same('setTimeout(0) turns it off and removes the callback', async (trial) => {
  const { near } = await trial.pair();
  const callback = (): void => trial.log('client', 'callback');
  near.setTimeout(20, callback);
  trial.log('client', 'listeners', near.listenerCount('timeout'));
  near.setTimeout(0, callback);
  trial.look('client', 'off', near, 'timeout');
  trial.log('client', 'listeners', near.listenerCount('timeout'));
  await new Promise((resolve) => setTimeout(resolve, 60));
});

same('the callback is called once, the event comes again', async (trial) => {
  const { near } = await trial.pair();
  near.setTimeout(15, () => trial.log('client', 'callback'));
  await trial.event(near, 'timeout');
  near.write('touch');
  await trial.event(near, 'timeout');
});

same('a timeout of a socket that is not connected', async (trial) => {
  const socket = trial.socket();
  socket.setTimeout(15);
  await trial.event(socket, 'timeout');
  trial.look('client', 'rung', socket, 'timeout', 'destroyed', 'connecting');
});

same('createConnection({ timeout })', async (trial) => {
  const port = await trial.listen(trial.keep(trial.net.createServer()));
  const socket = trial.keepSocket(trial.net.createConnection({ port, host: '127.0.0.1', timeout: 30 }));
  trial.watch('client', socket, ['connect', 'timeout', 'close']);
  trial.look('client', 'made', socket, 'timeout');
  await trial.event(socket, 'timeout');
});

same('a timeout that is set anew begins anew', async (trial) => {
  const { near } = await trial.pair();
  near.setTimeout(10_000);
  near.setTimeout(20);
  trial.look('client', 'set', near, 'timeout');
  await trial.event(near, 'timeout');
});

same('traffic puts it off: bytes written and bytes read', async (trial) => {
  const { near, far } = await trial.pair();
  far.pipe(far);
  near.resume();
  let rung = false;
  near.setTimeout(500).once('timeout', () => {
    rung = true;
  });
  const startMs = performance.now();
  while (performance.now() - startMs < 700) {
    const echo = trial.event(near, 'data');
    near.write('tick');
    await echo;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  trial.log('client', 'rung during traffic', rung);
});

same('destroy() stops it', async (trial) => {
  const { near } = await trial.pair();
  near.setTimeout(20);
  const closed = trial.event(near, 'close');
  near.destroy();
  await closed;
  await new Promise((resolve) => setTimeout(resolve, 60));
  trial.look('client', 'later', near, 'timeout');
  only(trial, 'client');
});

sameApart('destroyed in its own timeout', async (trial) => {
  const { near, far } = await trial.pair();
  far.resume();
  const closed = Promise.all([trial.event(near, 'close'), trial.event(far, 'close')]);
  near.setTimeout(15, () => near.destroy());
  await closed;
});

sameApart('ended in the timeout of the server', async (trial) => {
  const { near, far } = await trial.pair();
  near.resume();
  far.resume();
  const closed = Promise.all([trial.event(near, 'close'), trial.event(far, 'close')]);
  far.setTimeout(15, () => far.end('too slow'));
  await closed;
});

same('setTimeout() with a fraction, and with more than a timer takes', async (trial) => {
  const { near } = await trial.pair();
  near.setTimeout(1000.7);
  trial.look('client', 'fraction', near, 'timeout');
  const warned = trial.wait<Error>('a warning', (done) => process.once('warning', done));
  near.setTimeout(2 ** 31);
  trial.look('client', 'beyond', near, 'timeout');
  trial.log('process', 'warning', (await warned).name);
  near.setTimeout(2 ** 31 - 1);
  trial.look('client', 'the most', near, 'timeout');
});

same('setNoDelay and setKeepAlive take anything', async (trial) => {
  const { near } = await trial.pair();
  const values: unknown[] = [undefined, true, false, 0, 1, 'yes', null, {}];
  for (const value of values) {
    trial.log('client', 'setNoDelay', value, near.setNoDelay(value as boolean) === near);
    trial.log('client', 'setKeepAlive', value, near.setKeepAlive(value as boolean, value as number) === near);
  }
  for (const delay of [0, 1, 999, 1000, 1500, -1, 1e12, Number.NaN]) {
    trial.log('client', 'setKeepAlive', delay, near.setKeepAlive(true, delay) === near);
  }
});

same('setNoDelay, setKeepAlive and setTimeout before and after the life of a connection', async (trial) => {
  const { near } = await trial.pair();
  trial.lines.length = 0;
  const fresh = trial.socket({}, 'fresh');
  trial.log('fresh', 'calls', fresh.setNoDelay() === fresh, fresh.setKeepAlive(true, 1000) === fresh);
  const closed = trial.event(near, 'close');
  near.destroy();
  await closed;
  trial.log('client', 'calls', near.setNoDelay(false) === near, near.setKeepAlive(false) === near);
  trial.attempt('client', 'setTimeout', () => near.setTimeout(0) === near);
  only(trial, 'client');
});

same('a socket of a server with keepAlive and noDelay', async (trial) => {
  const { near, far } = await trial.pair({ keepAlive: true, keepAliveInitialDelay: 3000, noDelay: true });
  trial.log('accepted', 'calls', far.setNoDelay(true) === far, far.setKeepAlive(true, 3000) === far);
  const closed = trial.event(far, 'close');
  far.resume();
  near.end();
  await closed;
  only(trial, 'accepted');
});
