/** Names: the option lookup, what it is asked, what it may answer, and several addresses tried in turn. */

import type { LookupFunction, Socket } from 'node:net';
import { same } from './same.ts';
import type { Trial } from './trial.ts';

type Answer = (error: Error | null, address?: unknown, family?: unknown) => void;
type Answerer = (options: Record<string, unknown>, answer: Answer) => void;

/** A lookup that logs what it is asked. */
function lookup(trial: Trial, answer: Answerer): LookupFunction {
  return ((host: string, options: Record<string, unknown>, callback: Answer) => {
    trial.log('lookup', 'asked', host, options['family'], options['all'], options['hints']);
    answer(options, callback);
  }) as unknown as LookupFunction;
}

const one =
  (address: unknown, family: unknown): Answerer =>
  (options, answer) =>
    process.nextTick(() =>
      options['all'] === true ? answer(null, [{ address, family }]) : answer(null, address, family),
    );
const several =
  (...addresses: readonly (readonly [unknown, unknown])[]): Answerer =>
  (_options, answer) =>
    process.nextTick(() =>
      answer(
        null,
        addresses.map(([address, family]) => ({ address, family })),
      ),
    );

/** Connects with these options and waits for the end of it, either way. */
async function connects(
  trial: Trial,
  options: object,
  finish: (socket: Socket) => void = (socket) => socket.destroy(),
): Promise<void> {
  const socket = trial.socket();
  const closed = trial.event(socket, 'close');
  socket.once('ready', () => {
    trial.look('client', 'ready', socket, 'remoteAddress', 'remoteFamily', 'autoSelectFamilyAttemptedAddresses');
    finish(socket);
  });
  trial.attempt('client', 'connect', () => socket.connect(options as { port: number }) === socket);
  await closed;
  trial.look('client', 'in the end', socket, 'autoSelectFamilyAttemptedAddresses', 'errored');
}

async function listening(trial: Trial, host = '127.0.0.1'): Promise<number> {
  return await trial.listen(trial.keep(trial.net.createServer()), { port: 0, host });
}

same('lookup with one address', async (trial) => {
  await connects(trial, { port: await listening(trial), host: 'name', lookup: lookup(trial, one('127.0.0.1', 4)) });
});

same('lookup that answers in the same turn', async (trial) => {
  const at: Answerer = (options, answer) =>
    options['all'] === true ? answer(null, [{ address: '127.0.0.1', family: 4 }]) : answer(null, '127.0.0.1', 4);
  await connects(trial, { port: await listening(trial), host: 'name', lookup: lookup(trial, at) });
});

for (const family of [0, 4, 6, 'IPv4', 'IPv6', undefined]) {
  same(`lookup is asked for family ${family}`, async (trial) => {
    const isIPv6 = String(family).endsWith('6');
    const host = isIPv6 ? '::1' : '127.0.0.1';
    const answer = one(host, isIPv6 ? 6 : 4);
    await connects(trial, { port: await listening(trial, host), host: 'name', family, lookup: lookup(trial, answer) });
  });
}

same('lookup is given the hints', async (trial) => {
  await connects(trial, {
    port: await listening(trial),
    host: 'name',
    hints: 0x400,
    lookup: lookup(trial, one('127.0.0.1', 4)),
  });
});

same('lookup is not asked for an address', async (trial) => {
  await connects(trial, {
    port: await listening(trial),
    host: '127.0.0.1',
    lookup: lookup(trial, one('127.0.0.9', 4)),
  });
});

same('lookup without autoSelectFamily is asked for one address', async (trial) => {
  const options = { host: 'name', autoSelectFamily: false, lookup: lookup(trial, one('127.0.0.1', 4)) };
  await connects(trial, { port: await listening(trial), ...options });
});

same('lookup with a localAddress is asked for one address', async (trial) => {
  const options = { host: 'name', localAddress: '127.0.0.1', lookup: lookup(trial, one('127.0.0.1', 4)) };
  await connects(trial, { port: await listening(trial), ...options });
});

const NO_NAME = (): Error =>
  Object.assign(new Error('getaddrinfo ENOTFOUND name'), { code: 'ENOTFOUND', errno: -3008 });
for (const autoSelectFamily of [true, false]) {
  const how = autoSelectFamily ? 'for all' : 'for one';
  const bad: Readonly<Record<string, Answerer>> = {
    'an error': (_options, answer) => process.nextTick(() => answer(NO_NAME())),
    'an error in the same turn': (_options, answer) => answer(NO_NAME()),
    'a text that is no address': one('nonsense', 4),
    'a family that is none': one('127.0.0.1', 5),
    'no address': one(undefined, 4),
  };
  for (const [what, answer] of Object.entries(bad)) {
    same(`lookup asked ${how} answers ${what}`, async (trial) => {
      await connects(trial, { port: 80, host: 'name', autoSelectFamily, lookup: lookup(trial, answer) });
    });
  }
}

same('a name that cannot be: ENOTFOUND', async (trial) => {
  await connects(trial, { port: 80, host: 'name with spaces' });
});

same('destroyed while the name is looked up', async (trial) => {
  let answer: Answer = () => {};
  const socket = trial.socket();
  const late = lookup(trial, (_options, callback) => {
    answer = callback;
  });
  socket.connect({ port: 80, host: 'name', lookup: late });
  const closed = trial.event(socket, 'close');
  socket.destroy();
  await closed;
  answer(null, [{ address: '127.0.0.1', family: 4 }]);
  trial.log('client', 'answered in vain');
});

same('the second address answers when the first refuses', async (trial) => {
  const port = await listening(trial, '127.0.0.1');
  await connects(trial, { port, host: 'name', lookup: lookup(trial, several(['::1', 6], ['127.0.0.1', 4])) });
});

same('the first address answers: the second is not tried', async (trial) => {
  const port = await listening(trial, '127.0.0.1');
  await connects(trial, { port, host: 'name', lookup: lookup(trial, several(['127.0.0.1', 4], ['::1', 6])) });
});

same('each address refuses: AggregateError', async (trial) => {
  const port = await trial.freePort();
  await connects(trial, {
    port,
    host: 'name',
    lookup: lookup(trial, several(['::1', 6], ['127.0.0.1', 4], ['127.0.0.2', 4])),
  });
});

same('families are tried by turns, each address once, nonsense not at all', async (trial) => {
  const port = await trial.freePort();
  const answers = several(
    ...([
      ['127.0.0.1', 4],
      ['127.0.0.2', 4],
      ['127.0.0.1', 4],
      ['nonsense', 4],
      ['::1', 6],
      ['::1', 5],
    ] as const),
  );
  await connects(trial, { port, host: 'name', lookup: lookup(trial, answers) });
});

same('only nonsense among several addresses', async (trial) => {
  await connects(trial, { port: 80, host: 'name', lookup: lookup(trial, several(['nonsense', 4], ['more', 6])) });
});

same('a blocked address among several is passed over', async (trial) => {
  const port = await listening(trial, '127.0.0.1');
  const blockList = new trial.net.BlockList();
  blockList.addAddress('::1', 'ipv6');
  const socket = trial.socket({ blockList } as object);
  const over = trial.event(socket, 'ready');
  socket.connect({ port, host: 'name', lookup: lookup(trial, several(['::1', 6], ['127.0.0.1', 4])) });
  await over;
  trial.look('client', 'ready', socket, 'remoteAddress', 'autoSelectFamilyAttemptedAddresses');
});

same('one localPort for several addresses', async (trial) => {
  const port = await listening(trial, '127.0.0.1');
  const localPort = await trial.freePort('127.0.0.1', 'MINE');
  const answers = lookup(trial, several(['::1', 6], ['127.0.0.1', 4]));
  await connects(trial, { port, host: 'name', localPort, lookup: answers }, (socket) => {
    trial.look('client', 'from', socket, 'localPort');
    socket.destroy();
  });
});

same('written before the address that answers is found', async (trial) => {
  const server = trial.keep(trial.net.createServer());
  const port = await trial.listen(server);
  server.on('connection', (far) => far.resume());
  const socket = trial.socket();
  socket.connect({ port, host: 'name', lookup: lookup(trial, several(['::1', 6], ['127.0.0.1', 4])) });
  const closed = trial.event(socket, 'close');
  socket.resume();
  socket.write('early', () => trial.log('client', 'written'));
  trial.look('client', 'at once', socket, 'writableLength', 'bytesWritten');
  socket.once('ready', () => socket.end('late'));
  await closed;
  trial.look('client', 'closed', socket, 'bytesWritten', 'bytesRead');
});

same('localhost is found, and answered by the server on 127.0.0.1', async (trial) => {
  await connects(trial, { port: await listening(trial), host: 'localhost' });
});

same('localhost refuses on each of its addresses', async (trial) => {
  await connects(trial, { port: await trial.freePort(), host: 'localhost' });
});

same('an address that does not answer in time is left for the next', async (trial) => {
  const port = await listening(trial, '::');
  // The loop stands still while the first attempt is under way, so that its time is over before its answer is seen.
  const late: Answerer = (_options, answer) =>
    setImmediate(() => {
      answer(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ]);
      const startMs = performance.now();
      while (performance.now() - startMs < 50);
    });
  await connects(trial, { port, host: 'name', autoSelectFamilyAttemptTimeout: 10, lookup: lookup(trial, late) });
});
