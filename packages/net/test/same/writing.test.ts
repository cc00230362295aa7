/** Writing: encodings, callbacks, back-pressure, cork, and the counters of bytes at every stage. */

import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { same, sameApart } from './same.ts';
import { collect, type Ends, type Trial } from './trial.ts';

const COUNTS = ['bytesWritten', 'bytesRead', 'writableLength', 'bufferSize', 'writableNeedDrain', 'writableCorked'];

async function bothClosed(trial: Trial, { near, far }: Ends): Promise<void> {
  await Promise.all([near, far].filter((end) => !end.closed).map((end) => trial.event(end, 'close')));
}

const only = (trial: Trial, who: string): void => {
  trial.lines.splice(0, trial.lines.length, ...trial.lines.filter((line) => line.who === who));
};

for (const [encoding, text] of [
  ['utf8', 'zażółć 漢字'],
  ['latin1', 'é ü'],
  ['ascii', 'plain'],
  ['hex', '00ff10'],
  ['base64', 'AAECAw=='],
  ['utf16le', 'wide'],
  ['binary', '\x00\xff'],
] as const) {
  sameApart(`write(text, '${encoding}')`, async (trial) => {
    const ends = await trial.pair();
    collect(trial, 'accepted', ends.far);
    ends.near.resume();
    ends.near.write(text, encoding, (error) => trial.log('client', 'callback', error));
    trial.look('client', 'at once', ends.near, ...COUNTS);
    ends.near.end();
    await bothClosed(trial, ends);
    trial.look('client', 'closed', ends.near, ...COUNTS);
    trial.look('accepted', 'closed', ends.far, ...COUNTS);
  });
}

sameApart('write() of Uint8Array, DataView and Buffer', async (trial) => {
  const ends = await trial.pair();
  collect(trial, 'accepted', ends.far);
  ends.near.resume();
  trial.log('client', 'Uint8Array', ends.near.write(Uint8Array.of(97, 98)));
  trial.attempt('client', 'DataView', () =>
    ends.near.write(new DataView(Uint8Array.of(99).buffer) as unknown as Buffer),
  );
  trial.log('client', 'Buffer', ends.near.write(Buffer.from('d')));
  trial.log('client', 'nothing', ends.near.write(''), ends.near.write(Buffer.alloc(0)));
  ends.near.end();
  await bothClosed(trial, ends);
});

sameApart('setDefaultEncoding', async (trial) => {
  const ends = await trial.pair();
  collect(trial, 'accepted', ends.far);
  ends.near.resume();
  trial.log('client', 'gives itself', ends.near.setDefaultEncoding('hex') === ends.near);
  ends.near.end('616263');
  await bothClosed(trial, ends);
});

same('callbacks of writes come in order, and before finish', async (trial) => {
  const ends = await trial.pair();
  ends.far.resume();
  ends.near.resume();
  trial.lines.length = 0;
  for (const words of ['one', 'two', 'three']) ends.near.write(words, (error) => trial.log('client', words, error));
  ends.near.end('four', () => trial.log('client', 'end callback'));
  trial.log('client', 'the same turn');
  await bothClosed(trial, ends);
  only(trial, 'client');
});

same('the callback of a write, a tick and a promise', async (trial) => {
  const { near } = await trial.pair();
  trial.lines.length = 0;
  await trial.wait('written', (done: () => void) => {
    near.write('bytes', () => {
      trial.log('client', 'callback');
      done();
    });
    process.nextTick(() => trial.log('client', 'tick'));
    Promise.resolve().then(() => trial.log('client', 'promise'));
  });
});

same('cork and uncork', async (trial) => {
  const ends = await trial.pair();
  collect(trial, 'accepted', ends.far);
  ends.near.resume();
  trial.lines.length = 0;
  ends.near.cork();
  trial.log('client', 'one', ends.near.write('one'));
  trial.look('client', 'corked', ends.near, ...COUNTS);
  ends.near.cork();
  trial.log(
    'client',
    'two',
    ends.near.write('two', () => trial.log('client', 'written')),
  );
  trial.look('client', 'corked twice', ends.near, ...COUNTS);
  ends.near.uncork();
  trial.look('client', 'uncorked once', ends.near, ...COUNTS);
  ends.near.uncork();
  trial.look('client', 'uncorked', ends.near, ...COUNTS);
  ends.near.end();
  await bothClosed(trial, ends);
  only(trial, 'client');
});

same('counters before, while and after connecting', async (trial) => {
  const server = trial.keep(trial.net.createServer((far) => far.resume()));
  const port = await trial.listen(server);
  const near = trial.socket();
  near.resume();
  trial.look('client', 'new', near, ...COUNTS);
  near.connect(port, '127.0.0.1');
  trial.look('client', 'connecting', near, ...COUNTS);
  trial.log('client', 'write', near.write('first'));
  trial.look('client', 'one write', near, ...COUNTS);
  trial.log('client', 'write', near.write('second ż', 'utf8'));
  trial.look('client', 'two writes', near, ...COUNTS);
  await trial.event(near, 'connect');
  trial.look('client', 'connected', near, 'bytesWritten', 'bytesRead');
  const closed = trial.event(near, 'close');
  near.end('third');
  trial.look('client', 'ended', near, 'bytesWritten', 'bytesRead');
  await closed;
  trial.look('client', 'closed', near, ...COUNTS);
});

same('bytesWritten counts text in its encoding', async (trial) => {
  const near = trial.socket();
  near.connect(await trial.listen(trial.keep(trial.net.createServer())), '127.0.0.1');
  const writes: [string, BufferEncoding][] = [
    ['ż', 'utf8'],
    ['ff00', 'hex'],
    ['ab', 'utf16le'],
    ['AAAA', 'base64'],
  ];
  for (const [text, encoding] of writes) {
    near.write(text, encoding);
    trial.log('client', `${encoding} ${near.bytesWritten}`);
  }
  await trial.event(near, 'connect');
  trial.log('client', 'connected', near.bytesWritten);
});

same('highWaterMark: what write() gives, and drain', async (trial) => {
  const near = trial.socket({ highWaterMark: 10 } as object);
  const server = trial.keep(trial.net.createServer((far) => far.resume()));
  near.connect(await trial.listen(server), '127.0.0.1');
  trial.log('client', 'five', near.write('12345'));
  trial.look('client', 'at once', near, ...COUNTS);
  trial.log('client', 'ten', near.write('67890'));
  trial.look('client', 'at once', near, ...COUNTS);
  const drained = trial.event(near, 'drain');
  await drained;
  trial.look('client', 'drained', near, 'writableLength', 'writableNeedDrain');
});

/** Writes until write() gives false. */
function fill(socket: Socket, chunk: Buffer): void {
  while (socket.write(chunk));
}

sameApart('a peer that does not read: write() gives false, and drain comes when it reads', async (trial) => {
  const { near, far } = await trial.pair();
  const chunk = Buffer.alloc(1 << 20);
  let drains = 0;
  near.on('drain', () => drains++);
  for (let writes = 0; writes < 16; writes++) near.write(chunk);
  trial.log('client', 'needs drain', near.writableNeedDrain, drains);
  trial.log('client', 'length', near.writableLength === near.bufferSize, near.writableLength > 0);
  trial.log('client', 'written so far', near.bytesWritten);
  const drained = trial.event(near, 'drain');
  far.resume();
  await drained;
  trial.look('client', 'drained', near, 'writableLength', 'bufferSize', 'writableNeedDrain', 'bytesWritten');
  const closed = trial.event(far, 'close');
  near.end();
  await closed;
  trial.look('accepted', 'closed', far, 'bytesRead');
});

sameApart('drain comes each time that all was written', async (trial) => {
  const { near, far } = await trial.pair();
  far.resume();
  for (let round = 0; round < 3; round++) {
    const drained = trial.event(near, 'drain');
    fill(near, Buffer.alloc(20_000));
    await drained;
    trial.look('client', 'drained', near, 'writableLength', 'writableNeedDrain');
  }
});

sameApart('a large text arrives whole', async (trial) => {
  const ends = await trial.pair();
  let bytes = 0;
  ends.far.on('data', (data: Buffer) => {
    bytes += data.length;
  });
  ends.near.resume();
  ends.near.end('ż'.repeat(2_000_000));
  await bothClosed(trial, ends);
  trial.log('accepted', 'bytes', bytes, ends.far.bytesRead);
  trial.look('client', 'closed', ends.near, 'bytesWritten');
});

sameApart('end() waits for what is queued', async (trial) => {
  const ends = await trial.pair();
  ends.near.resume();
  for (let writes = 0; writes < 8; writes++) ends.near.write(Buffer.alloc(1 << 20));
  ends.near.end('last', () => trial.log('client', 'end callback'));
  trial.look('client', 'ended', ends.near, 'writableEnded', 'writableFinished', 'bytesWritten');
  ends.far.resume();
  await bothClosed(trial, ends);
  trial.look('accepted', 'closed', ends.far, 'bytesRead');
});

sameApart('destroy() with back-pressure: each write is told', async (trial) => {
  const { near, far } = await trial.pair();
  let errors = 0;
  for (let writes = 0; writes < 16; writes++) {
    near.write(Buffer.alloc(1 << 20), (error) => {
      if (error && errors++ === 0) trial.log('client', 'first callback with an error', error);
    });
  }
  const closed = trial.event(near, 'close');
  near.destroy();
  await closed;
  trial.log('client', 'some were told', errors > 0);
  far.destroy();
});

sameApart('pipeline of a stream into a socket', async (trial) => {
  const ends = await trial.pair();
  collect(trial, 'accepted', ends.far);
  ends.near.resume();
  await trial.wait('the pipeline', (done: () => void) => {
    pipeline(Readable.from(['one ', 'two ', 'three']), ends.near, (error) => {
      trial.log('client', 'pipeline', error);
      done();
    });
  });
  await bothClosed(trial, ends);
});

sameApart('writev: chunks of both kinds arrive in order', async (trial) => {
  const ends = await trial.pair();
  collect(trial, 'accepted', ends.far);
  ends.near.resume();
  ends.near.cork();
  ends.near.write('a');
  ends.near.write(Buffer.from('b'));
  ends.near.write('63', 'hex');
  ends.near.write('ZA==', 'base64');
  ends.near.uncork();
  ends.near.end();
  await bothClosed(trial, ends);
  trial.look('client', 'closed', ends.near, 'bytesWritten');
});
