/** Reading: pause and resume, encodings, read(n), iteration, marks and pipe. */

import { PassThrough, pipeline } from 'node:stream';
import { same, sameApart } from './same.ts';
import { collect, type Ends, type Trial } from './trial.ts';

const STATE = [
  'readableFlowing',
  'readableLength',
  'readableEnded',
  'bytesRead',
  'readableEncoding',
  'readableDidRead',
];

async function bothClosed(trial: Trial, { near, far }: Ends): Promise<void> {
  await Promise.all([near, far].filter((end) => !end.closed).map((end) => trial.event(end, 'close')));
}

const only = (trial: Trial, who: string): void => {
  trial.lines.splice(0, trial.lines.length, ...trial.lines.filter((line) => line.who === who));
};

/** Sends words, and waits until they are there to be read. */
async function sends(trial: Trial, { near, far }: Ends, words: string): Promise<void> {
  const readable = trial.event(far, 'readable');
  near.write(words);
  await readable;
}

sameApart('paused: bytes wait, and come after resume()', async (trial) => {
  const ends = await trial.pair();
  ends.far.pause();
  trial.look('accepted', 'paused', ends.far, ...STATE);
  collect(trial, 'accepted', ends.far);
  trial.log('accepted', 'isPaused', ends.far.isPaused());
  ends.near.resume();
  ends.near.end('bytes');
  await trial.event(ends.near, 'finish');
  ends.far.resume();
  await bothClosed(trial, ends);
  trial.look('accepted', 'closed', ends.far, ...STATE);
});

sameApart('pause() in data stops what follows', async (trial) => {
  const ends = await trial.pair();
  ends.near.resume();
  ends.far.once('data', (data) => {
    trial.log('accepted', 'data', data);
    ends.far.pause();
    trial.look('accepted', 'paused', ends.far, 'readableFlowing');
    setTimeout(() => {
      collect(trial, 'accepted', ends.far);
      ends.far.resume();
    }, 10);
  });
  const echoed = trial.event(ends.far, 'pause');
  ends.near.write('one');
  await echoed;
  ends.near.end('two');
  await bothClosed(trial, ends);
});

same("'pause' and 'resume' events", async (trial) => {
  const { far } = await trial.pair();
  trial.lines.length = 0;
  trial.watch('accepted', far, ['pause', 'resume']);
  far.pause();
  const resumed = trial.event(far, 'resume');
  far.resume();
  trial.log('accepted', 'the same turn');
  await resumed;
  far.pause();
  trial.log('accepted', 'paused', far.isPaused());
});

for (const encoding of ['utf8', 'hex', 'base64', 'latin1', 'utf16le'] as const) {
  sameApart(`setEncoding('${encoding}')`, async (trial) => {
    const ends = await trial.pair();
    ends.far.setEncoding(encoding);
    trial.look('accepted', 'set', ends.far, 'readableEncoding');
    ends.near.resume();
    let text = '';
    ends.far.on('data', (data) => {
      if (text === '') trial.log('accepted', `data is a ${typeof data}`);
      text += data;
    });
    ends.near.end(Buffer.from('żółć'));
    await bothClosed(trial, ends);
    trial.log('accepted', 'text', text);
    trial.look('accepted', 'closed', ends.far, 'bytesRead');
  });
}

sameApart('a character cut in two by the sender is whole with setEncoding', async (trial) => {
  const ends = await trial.pair();
  ends.far.setEncoding('utf8');
  ends.near.resume();
  let text = '';
  ends.far.on('data', (data) => {
    text += data;
  });
  const bytes = Buffer.from('漢');
  const first = trial.wait('a write', (done: () => void) => ends.near.write(bytes.subarray(0, 1), done));
  await first;
  ends.near.end(bytes.subarray(1));
  await bothClosed(trial, ends);
  trial.log('accepted', 'text', text);
});

sameApart('read(n) and readable', async (trial) => {
  const ends = await trial.pair();
  await sends(trial, ends, '0123456789');
  const { far } = ends;
  trial.look('accepted', 'readable', far, ...STATE);
  trial.log('accepted', 'read(3)', far.read(3));
  trial.look('accepted', 'then', far, 'readableLength', 'bytesRead');
  trial.log('accepted', 'read(100)', far.read(100));
  trial.log('accepted', 'read(0)', far.read(0));
  trial.log('accepted', 'read()', far.read());
  trial.log('accepted', 'read()', far.read());
  trial.look('accepted', 'then', far, ...STATE);
});

sameApart('unshift', async (trial) => {
  const ends = await trial.pair();
  await sends(trial, ends, 'bytes');
  const bytes = ends.far.read() as Buffer;
  ends.far.unshift(bytes.subarray(2));
  trial.log('accepted', 'read again', ends.far.read());
});

sameApart("the last 'readable' comes at the end, with null", async (trial) => {
  const ends = await trial.pair();
  ends.near.resume();
  let text = '';
  ends.far.on('readable', () => {
    for (let chunk = ends.far.read() as Buffer | null; chunk !== null; chunk = ends.far.read() as Buffer | null)
      text += chunk;
  });
  ends.near.end('words');
  await bothClosed(trial, ends);
  trial.log('accepted', 'text', text);
  trial.look('accepted', 'closed', ends.far, ...STATE);
});

sameApart('async iteration to the end', async (trial) => {
  const ends = await trial.pair();
  ends.near.resume();
  const closed = trial.event(ends.far, 'close');
  ends.near.end('all of it');
  let text = '';
  for await (const chunk of ends.far) text += chunk;
  trial.log('accepted', 'iterated', text);
  trial.look('accepted', 'then', ends.far, 'readableEnded');
  await closed;
});

sameApart('async iteration that is broken off destroys', async (trial) => {
  const ends = await trial.pair();
  ends.near.on('error', () => {});
  ends.near.resume();
  ends.near.write('first');
  for await (const chunk of ends.far) {
    trial.log('accepted', 'chunk', chunk);
    break;
  }
  trial.look('accepted', 'then', ends.far, 'destroyed');
  if (!ends.far.closed) await trial.event(ends.far, 'close');
  trial.lines.splice(0, trial.lines.length, ...trial.lines.filter(({ who }) => who === 'accepted'));
});

sameApart('async iteration over a reset throws', async (trial) => {
  const ends = await trial.pair();
  const iterated = (async () => {
    for await (const chunk of ends.far) trial.log('accepted', 'chunk', chunk);
  })();
  ends.near.resetAndDestroy();
  await iterated.catch((error: Error) => trial.log('accepted', 'thrown', error));
});

sameApart('highWaterMark of a server: a reader that stops holds the sender back', async (trial) => {
  const { near, far } = await trial.pair({ highWaterMark: 1000 });
  trial.look('accepted', 'marks', far, 'readableHighWaterMark', 'writableHighWaterMark');
  trial.look('client', 'marks', near, 'readableHighWaterMark', 'writableHighWaterMark');
  far.pause();
  const chunk = Buffer.alloc(1 << 20);
  for (let writes = 0; writes < 32; writes++) near.write(chunk);
  trial.log('client', 'held back', near.writableLength > 0);
  let bytes = 0;
  far.on('data', (data: Buffer) => {
    bytes += data.length;
  });
  const closed = trial.event(far, 'close');
  near.end();
  far.resume();
  await closed;
  trial.log('accepted', 'bytes', bytes);
});

sameApart('pipe to another stream, unpipe', async (trial) => {
  const ends = await trial.pair();
  ends.near.resume();
  const sink = new PassThrough();
  trial.log('accepted', 'pipe gives the other', ends.far.pipe(sink) === sink);
  const first = trial.event(sink, 'readable');
  ends.near.write('one');
  await first;
  trial.log('accepted', 'piped', sink.read());
  trial.log('accepted', 'unpipe', ends.far.unpipe(sink) === ends.far, ends.far.readableFlowing);
  collect(trial, 'accepted', ends.far);
  ends.far.resume();
  ends.near.end('two');
  await bothClosed(trial, ends);
  trial.log('sink', 'nothing more', sink.read());
});

sameApart('pipeline from a socket to a stream', async (trial) => {
  const ends = await trial.pair({ allowHalfOpen: true });
  const sink = new PassThrough().setEncoding('utf8');
  ends.near.resume();
  const over = trial.wait('the pipeline', (done: () => void) =>
    pipeline(ends.far, sink, (error) => {
      trial.log('accepted', 'pipeline', error);
      done();
    }),
  );
  ends.near.end('through');
  sink.on('data', (data) => trial.log('sink', 'data', data));
  await over;
});

same('only what was asked for: bytes stay when nobody reads', async (trial) => {
  const ends = await trial.pair();
  await sends(trial, ends, 'unread');
  trial.look('accepted', 'waits', ends.far, ...STATE);
  only(trial, 'accepted');
});
