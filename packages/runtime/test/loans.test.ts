/** Programs read straight out of the batches of a link that takes its memory back: no byte is lost, or another's. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { FIONREAD, MSG_PEEK, SHUT_WR } from '@tcpstack/sockets/constants';
import { Host } from '@tcpstack/sockets/host';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Driver } from '../src/driver.ts';
import { impairLink } from '../src/impaired-link.ts';
import type { Link } from '../src/link.ts';
import { createMemoryLinkPair } from '../src/memory-link.ts';
import { until as untilWithin } from './link-compliance.ts';
import { catching } from './uncaught.ts';

const OURS = '10.0.0.1';
const THEIRS = '10.0.0.2';
const STREAM_BYTES = 3_000_000;
const READ_BYTES = 64 * 1024;
const WAIT_MS = 20_000;
const until = (done: () => boolean, what: string) => untilWithin(done, what, WAIT_MS);

/** A link whose memory is good for nothing once a batch was given back, as `ReceiveBatch` allows. */
function spoiling(link: Link): Link {
  const { mtuBytes, superSegmentBytes, receivesSuperSegments, checksum, headroomBytes } = link;
  return {
    mtuBytes,
    superSegmentBytes,
    receivesSuperSegments,
    checksum,
    headroomBytes,
    stats: link.stats,
    start: (receive) =>
      link.start((batch) => {
        try {
          receive(batch);
        } finally {
          batch.arena.fill(0xee);
        }
      }),
    transmit: (batch) => link.transmit(batch),
    close: () => link.close(),
  };
}

function drive(link: Link, address: string): Driver {
  const { mtuBytes, superSegmentBytes, checksum } = link;
  const entropy = new Uint8Array(32).fill(address.length);
  const driver = new Driver(new Host({ address, mtuBytes, superSegmentBytes, checksum, entropy }), link);
  onTestFinished(() => driver.close());
  return driver;
}

/** One connection or more, from us to them, over super-segments. */
async function connections(count: number, worsen = (link: Link): Link => link) {
  const [a, b] = createMemoryLinkPair({ superSegmentBytes: 65_535, checksum: 'trusted' });
  const sender = drive(a, OURS);
  const receiver = drive(spoiling(worsen(b)), THEIRS);
  const listener = receiver.sys.socket();
  receiver.sys.bind(listener, '0.0.0.0', 80);
  receiver.sys.listen(listener, 16);
  const ends: { near: number; far: number }[] = [];
  for (let i = 0; i < count; i++) {
    const near = sender.sys.socket();
    const accepted = receiver.accept(listener);
    await sender.connect(near, THEIRS, 80);
    ends.push({ near, far: await accepted });
  }
  return { sender, receiver, ends };
}

/** Bytes that differ from place to place and from stream to stream. */
function streamBytes(salt: number): Uint8Array {
  return Uint8Array.from({ length: STREAM_BYTES }, (_, i) => i * 31 + (i >> 8) * 7 + (i >> 16) * 3 + salt * 101);
}

function waitingBytes(driver: Driver, fd: number): number {
  return Number(driver.sys.ioctl(fd, FIONREAD));
}

async function sendAll(driver: Driver, fd: number, bytes: Uint8Array): Promise<void> {
  await driver.write(fd, bytes);
  driver.sys.shutdown(fd, SHUT_WR);
}

/** What came out of a descriptor so far. */
class Reader {
  readonly bytes = new Uint8Array(STREAM_BYTES);
  count = 0;
  ended = false;
  readonly #driver: Driver;
  readonly #fd: number;

  constructor(driver: Driver, fd: number) {
    this.#driver = driver;
    this.#fd = fd;
  }

  /** Reads once; true when there may be more. */
  read(most: number): boolean {
    const into = new Uint8Array(most);
    const n = this.#driver.sys.read(this.#fd, into);
    if (n > 0) this.bytes.set(into.subarray(0, n), this.count);
    if (n > 0) this.count += n;
    if (n === 0) this.ended = true;
    return n > 0;
  }

  /** Looks ahead, and then reads the same. */
  peekAndRead(most: number): boolean {
    const ahead = new Uint8Array(most);
    const seen = this.#driver.sys.recv(this.#fd, ahead, 0, most, MSG_PEEK);
    const before = this.count;
    const more = this.read(most);
    expect(this.count - before).toBe(Math.max(0, seen));
    expect(Buffer.compare(this.bytes.subarray(before, this.count), ahead.subarray(0, this.count - before))).toBe(0);
    return more;
  }
}

/** What a watcher does, told that there is something. */
type Habit = (reader: Reader) => void;

/** Reads `most` bytes a turn of the event loop, until nothing is left. */
function readLater(reader: Reader, most: number): void {
  setImmediate(() => {
    if (reader.read(most)) readLater(reader, most);
  });
}

const HABITS: readonly [string, Habit][] = [
  [
    'reads all at once',
    (reader) => {
      while (reader.read(READ_BYTES));
    },
  ],
  [
    'reads by odd amounts',
    (reader) => {
      for (let i = 1; reader.read((i * 7919) % 90_001); i++);
    },
  ],
  [
    'looks ahead before each read',
    (reader) => {
      while (reader.peekAndRead(50_000));
    },
  ],
  [
    'takes a little at once and the rest later',
    (reader) => {
      if (reader.read(10_000)) readLater(reader, READ_BYTES);
    },
  ],
  ['reads later only', (reader) => readLater(reader, READ_BYTES)],
];

describe('equal streams, though the link spoils its memory, to a reader that', () => {
  test.each(HABITS)('%s', async (_, habit) => {
    const { sender, receiver, ends } = await connections(2);
    const readers = ends.map(({ far }) => {
      const reader = new Reader(receiver, far);
      receiver.watch(far, () => habit(reader));
      return reader;
    });
    await Promise.all(ends.map(({ near }, i) => sendAll(sender, near, streamBytes(i))));
    await until(() => readers.every(({ ended }) => ended), 'the ends of the streams');
    readers.forEach(({ count, bytes }, i) => {
      expect([count, Buffer.compare(bytes, streamBytes(i))]).toEqual([STREAM_BYTES, 0]);
    });
    expect(receiver.host.bufferBytes()).toBe(0);
  });

  test.each(HABITS)('%s, while packets are lost and reordered', async (_, habit) => {
    const seed = 7;
    const bad = { seed, lossPercent: 2, reorderPercent: 5, directions: 'in' } as const;
    const { sender, receiver, ends } = await connections(1, (link) => impairLink(link, bad));
    const [{ near, far }] = ends as [{ near: number; far: number }];
    const reader = new Reader(receiver, far);
    receiver.watch(far, () => habit(reader));
    await sendAll(sender, near, streamBytes(0));
    await until(() => reader.ended, 'the end of the stream');
    expect([reader.count, Buffer.compare(reader.bytes, streamBytes(0))]).toEqual([STREAM_BYTES, 0]);
  });

  test('stops until the window is full, and goes on', async () => {
    const { sender, receiver, ends } = await connections(1);
    const [{ near, far }] = ends as [{ near: number; far: number }];
    const reader = new Reader(receiver, far);
    const sent = sendAll(sender, near, streamBytes(0));
    await until(() => waitingBytes(receiver, far) > 1_000_000, 'a full window');
    receiver.watch(far, () => readLater(reader, READ_BYTES));
    readLater(reader, READ_BYTES);
    await sent;
    await until(() => reader.ended, 'the end of the stream');
    expect([reader.count, Buffer.compare(reader.bytes, streamBytes(0))]).toEqual([STREAM_BYTES, 0]);
  });
});

test('what a watcher finds was not copied yet: it lies in the batch, and the ring holds no memory', async () => {
  const { sender, receiver, ends } = await connections(1);
  const [{ near, far }] = ends as [{ near: number; far: number }];
  const reader = new Reader(receiver, far);
  let mostLentBytes = 0;
  receiver.watch(far, () => {
    if (receiver.host.bufferBytes() === 0) {
      mostLentBytes = Math.max(mostLentBytes, waitingBytes(receiver, far));
    }
    while (reader.read(READ_BYTES));
  });
  await sendAll(sender, near, streamBytes(0));
  await until(() => reader.ended, 'the end of the stream');
  expect(mostLentBytes).toBeGreaterThan(100_000);
});

test('a watcher that throws half-way finds the rest later, and the link its memory unused', async () => {
  const { sender, receiver, ends } = await connections(2);
  const readers = ends.map(({ far }) => new Reader(receiver, far));
  let thrown = 0;
  ends.forEach(({ far }, i) => {
    const reader = readers[i] as Reader;
    receiver.watch(far, () => {
      reader.read(5000);
      readLater(reader, READ_BYTES);
      if (i === 0 && thrown++ % 2 === 0) throw new Error('from a watcher');
    });
  });
  await catching(async (caught) => {
    await Promise.all(ends.map(({ near }, i) => sendAll(sender, near, streamBytes(i))));
    await until(() => readers.every(({ ended }) => ended), 'the ends of the streams');
    expect(caught.length).toBe(Math.ceil(thrown / 2));
    expect(caught.length).toBeGreaterThan(0);
  });
  readers.forEach(({ count, bytes }, i) => {
    expect([count, Buffer.compare(bytes, streamBytes(i))]).toEqual([STREAM_BYTES, 0]);
  });
});

test('a connection closed inside a watcher, with bytes unread, drops its loans; its neighbour keeps its own', async () => {
  const { sender, receiver, ends } = await connections(2);
  const [first, second] = ends as [{ near: number; far: number }, { near: number; far: number }];
  const reader = new Reader(receiver, second.far);
  receiver.watch(second.far, () => reader.read(20_000) && readLater(reader, READ_BYTES));
  let unread = 0;
  receiver.watch(first.far, () => {
    receiver.sys.read(first.far, new Uint8Array(1000));
    unread = waitingBytes(receiver, first.far);
    receiver.closeFd(first.far);
  });
  const cut = sender.write(first.near, streamBytes(1));
  await Promise.all([
    expect(cut).rejects.toMatchObject({ code: 'ECONNRESET' }),
    sendAll(sender, second.near, streamBytes(0)),
  ]);
  await until(() => reader.ended, 'the end of the stream');
  expect(unread).toBeGreaterThan(0);
  expect([reader.count, Buffer.compare(reader.bytes, streamBytes(0))]).toEqual([STREAM_BYTES, 0]);
  expect(receiver.host.bufferBytes()).toBe(0);
});

test('a driver closed inside a watcher settles what was lent', async () => {
  const { sender, receiver, ends } = await connections(1);
  const [{ near, far }] = ends as [{ near: number; far: number }];
  const reader = new Reader(receiver, far);
  let closed = false;
  receiver.watch(far, () => {
    const lends = waitingBytes(receiver, far) > 30_000 && receiver.host.bufferBytes() === 0;
    while (reader.read(1000) && !lends);
    if (!lends) return;
    void receiver.close();
    closed = true;
  });
  sender.sys.write(near, streamBytes(0));
  await until(() => closed, 'the first bytes');
  expect(waitingBytes(receiver, far)).toBeGreaterThan(20_000);
  expect(waitingBytes(receiver, far)).toBeGreaterThan(10_000);
  while (reader.read(READ_BYTES));
  expect(Buffer.compare(reader.bytes.subarray(0, reader.count), streamBytes(0).subarray(0, reader.count))).toBe(0);
});

test('no other batch comes while one is borrowed: asserted', () => {
  const host = new Host({ address: OURS, mtuBytes: 1500, entropy: new Uint8Array(32) });
  const empty = new PacketBatch({ capacityPackets: 1, arenaBytes: 100 });
  host.borrowPackets(0, empty);
  expect(() => host.borrowPackets(0, empty)).toThrow('loans are settled before others are made');
  expect(() => host.handlePackets(0, empty)).toThrow('a batch is settled before the next one');
  host.settlePackets();
  host.handlePackets(0, empty);
});
