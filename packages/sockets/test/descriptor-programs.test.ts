/** Random programs of several owners: every table against a model, and level-triggered epoll against poll(). */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  F_GETFD,
  SO_LINGER,
  SOL_SOCKET,
} from '../src/constants.ts';
import type { Process } from '../src/host.ts';
import type { EpollEvent } from '../src/syscalls.ts';
import { expectNothingLeft, said } from './calls.ts';
import { holds } from './holds.ts';
import { World } from './world.ts';

const DESCRIPTORS_MAX = 12;
const FILES_MAX = 16;
const EVENTS = [EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLOUT | EPOLLRDHUP, 0];

const step = fc.record({
  call: fc.constantFrom(
    ...[
      'socket',
      'socket',
      'connect',
      'connect',
      'accept',
      'epoll',
      'close',
      'close',
      'dup',
      'dup2',
      'pass',
      'fork',
      'exit',
    ],
    ...['add', 'add', 'mod', 'del', 'wait', 'wait', 'write', 'read', 'reset', 'run'],
  ),
  owner: fc.nat(2),
  a: fc.nat(7),
  b: fc.nat(7),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A file as the program knows it, by the number in `open`. */
interface ModelFile {
  readonly kind: 'socket' | 'epoll';
  descriptors: number;
  /** Of an instance: by file and number, what is asked for. */
  readonly watches: Map<string, { file: ModelFile; fd: number; events: number }>;
  readonly id: number;
}

interface Owner {
  process: Process;
  readonly open: Map<number, ModelFile>;
}

/** Three owners on host 0; host 1 is the peer of all connections. */
class Program {
  readonly world = new World({ settings: { descriptorsMax: DESCRIPTORS_MAX, filesMax: FILES_MAX, timeWaitMs: 1000 } });
  readonly host = this.world.host(0);
  readonly #owners: Owner[] = [0, 1, 2].map(() => ({ process: this.host.process(), open: new Map() }));
  readonly #files = new Set<ModelFile>();
  #made = 0;

  take({ call, owner: i, a, b }: Step): void {
    const owner = this.#owners[i] as Owner;
    const other = this.#owners[(i + 1) % 3] as Owner;
    const { sys } = owner.process;
    const [fd, second] = [pick(owner, a), pick(owner, b)];
    const epfd = pick(owner, a, 'epoll');
    switch (call) {
      case 'socket':
      case 'epoll':
        this.#opened(owner, call === 'epoll' ? sys.epoll_create1(0) : sys.socket(), call);
        break;
      case 'connect':
        sys.connect(fd, this.world.host(1).address, 80);
        break;
      case 'accept': {
        // From a listener of its own, where there is one: each socket that is bound to a port listens.
        if (b === 0) sys.listen(fd, 4);
        const got = sys.accept(fd);
        if (got >= 0) this.#opened(owner, got, 'socket');
        break;
      }
      case 'close':
        expect(said(sys.close(fd))).toBe(owner.open.has(fd) ? 0 : 'EBADF');
        this.#closed(owner, fd);
        break;
      case 'dup':
        this.#duplicated(owner, owner.open.get(fd), sys.dup(fd));
        break;
      case 'dup2':
        this.#dup2(owner, fd, b < 4 ? second : 3 + b);
        break;
      case 'pass':
        this.#duplicated(other, owner.open.get(fd), owner.process.pass(fd, other.process));
        break;
      case 'fork':
        this.#fork(owner, other);
        break;
      case 'exit':
        if (a === 0) this.#exit(owner);
        break;
      case 'add':
      case 'mod':
      case 'del':
        this.#control(owner, call, epfd, second, EVENTS[b % EVENTS.length] as number);
        break;
      case 'wait':
        this.#wait(owner, epfd);
        break;
      case 'write':
        sys.write(fd, new Uint8Array(10));
        break;
      case 'read':
        sys.read(fd, new Uint8Array(100));
        break;
      case 'reset':
        this.#peerDoes(a, b);
        break;
      default:
        this.world.run(a * 10);
    }
  }

  /** The peer accepts, writes, closes or resets. */
  #peerDoes(a: number, b: number): void {
    const { sys } = this.world.host(1);
    sys.accept(3);
    const fd = 4 + b;
    if (a < 3) sys.write(fd, new Uint8Array(10));
    else if (a === 3) sys.setsockopt(fd, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    else if (a > 5) sys.close(fd);
    this.world.settle();
  }

  #opened(owner: Owner, fd: number, kind: 'socket' | 'epoll'): void {
    if (fd < 0) {
      expect(said(fd)).toBe(owner.open.size >= DESCRIPTORS_MAX ? 'EMFILE' : 'ENFILE');
      if (owner.open.size < DESCRIPTORS_MAX) expect(this.#files.size).toBe(FILES_MAX);
      return;
    }
    expect(fd).toBe(lowestFree(owner));
    const file: ModelFile = { kind, descriptors: 1, watches: new Map(), id: this.#made++ };
    this.#files.add(file);
    owner.open.set(fd, file);
  }

  #duplicated(owner: Owner, file: ModelFile | undefined, fd: number): void {
    if (file === undefined) expect(said(fd)).toBe('EBADF');
    else if (owner.open.size >= DESCRIPTORS_MAX) expect(said(fd)).toBe('EMFILE');
    else {
      expect(fd).toBe(lowestFree(owner));
      file.descriptors++;
      owner.open.set(fd, file);
    }
  }

  #dup2(owner: Owner, fd: number, second: number): void {
    const file = owner.open.get(fd);
    expect(said(owner.process.sys.dup2(fd, second))).toBe(file === undefined ? 'EBADF' : second);
    if (file === undefined || fd === second) return;
    file.descriptors++;
    this.#closed(owner, second);
    owner.open.set(second, file);
  }

  #closed(owner: Owner, fd: number): void {
    const file = owner.open.get(fd);
    if (file === undefined) return;
    owner.open.delete(fd);
    if (--file.descriptors > 0) return;
    this.#files.delete(file);
    for (const { watches } of this.#files) {
      for (const [key, watch] of watches) if (watch.file === file) watches.delete(key);
    }
  }

  /** `other` ends, and its place is taken by a child of `owner`. */
  #fork(owner: Owner, other: Owner): void {
    this.#exit(other);
    other.process = owner.process.fork();
    for (const [fd, file] of owner.open) {
      other.open.set(fd, file);
      file.descriptors++;
    }
  }

  #exit(owner: Owner): void {
    owner.process.exit();
    expect(said(owner.process.sys.socket())).toBe('EMFILE');
    for (const fd of [...owner.open.keys()]) this.#closed(owner, fd);
    owner.process = this.host.process();
  }

  #control(owner: Owner, call: 'add' | 'mod' | 'del', epfd: number, fd: number, events: number): void {
    const op = { add: EPOLL_CTL_ADD, mod: EPOLL_CTL_MOD, del: EPOLL_CTL_DEL }[call];
    const [epoll, file] = [owner.open.get(epfd), owner.open.get(fd)];
    // Instances in instances have tests of their own.
    if (epoll?.kind === 'epoll' && file?.kind === 'epoll') return;
    const result = said(owner.process.sys.epoll_ctl(epfd, op, fd, { events, data: 1000 * (file?.id ?? 0) + fd }));
    if (epoll === undefined || file === undefined) return void expect(result).toBe('EBADF');
    if (epoll.kind !== 'epoll') return void expect(result).toBe('EINVAL');
    const key = `${file.id} ${fd}`;
    const known = epoll.watches.has(key);
    if (call === 'add') expect(result).toBe(known ? 'EEXIST' : 0);
    else expect(result).toBe(known ? 0 : 'ENOENT');
    if (call === 'del') epoll.watches.delete(key);
    else if (known === (call === 'mod')) epoll.watches.set(key, { file, fd, events });
  }

  /** What epoll_wait() tells is what poll() says of each file that is watched, through whichever number is left. */
  #wait(owner: Owner, epfd: number): void {
    const epoll = owner.open.get(epfd);
    const events: EpollEvent[] = [];
    const n = owner.process.sys.epoll_wait(epfd, events, 100);
    if (epoll?.kind !== 'epoll') return void expect(said(n)).toBe(epoll === undefined ? 'EBADF' : 'EINVAL');
    const wanted: EpollEvent[] = [];
    for (const watch of epoll.watches.values()) {
      const bits = this.#levelOf(watch.file) & (watch.events | EPOLLERR | EPOLLHUP);
      if (bits !== 0) wanted.push({ events: bits, data: 1000 * watch.file.id + watch.fd });
    }
    const byData = (x: EpollEvent, y: EpollEvent): number => x.data - y.data;
    expect(events.sort(byData)).toEqual(wanted.sort(byData));
  }

  #levelOf(file: ModelFile): number {
    for (const { process, open } of this.#owners) {
      for (const [fd, other] of open) {
        if (other !== file) continue;
        const entry = { fd, events: EPOLLIN | EPOLLOUT | EPOLLRDHUP, revents: 0 };
        process.sys.poll([entry]);
        return entry.revents;
      }
    }
    throw new Error('an open file has a descriptor');
  }

  check(): void {
    for (const { process, open } of this.#owners) {
      expect(process.open).toBe(open.size);
      for (let fd = 0; fd < 18; fd++) expect(process.sys.fcntl(fd, F_GETFD) === 0).toBe(open.has(fd));
    }
  }

  end(): void {
    for (const owner of this.#owners) this.#exit(owner);
    const { sys } = this.world.host(1);
    for (let fd = 3; fd < 20; fd++) sys.close(fd);
    this.world.run(1_000_000);
    for (const host of this.world.hosts) expectNothingLeft(host);
    // All places in the table of files are free again.
    const last = this.host.process(FILES_MAX + 1);
    for (let i = 0; i < FILES_MAX; i++) expect(last.sys.socket()).toBe(3 + i);
    expect(said(last.sys.socket())).toBe('ENFILE');
  }

  begin(): this {
    const { sys } = this.world.host(1);
    sys.bind(sys.socket(), '0.0.0.0', 80);
    sys.listen(3, 8);
    return this;
  }
}

/** Mostly a number that is open, and of this kind; sometimes any. */
function pick({ open }: Owner, n: number, kind: ModelFile['kind'] | null = null): number {
  const numbers = [...open].filter(([, file]) => kind === null || file.kind === kind).map(([fd]) => fd);
  return n === 7 || numbers.length === 0 ? 3 + n : (numbers[n % numbers.length] as number);
}

function lowestFree({ open }: Owner): number {
  let fd = 3;
  while (open.has(fd)) fd++;
  return fd;
}

test('any program of owners: numbers, limits, references and watches are as the model says, and in the end all is free', () => {
  holds(
    fc.property(fc.array(step, { minLength: 20, maxLength: 150, size: 'max' }), (steps) => {
      const program = new Program().begin();
      for (const one of steps) {
        program.take(one);
        program.check();
      }
      program.end();
    }),
    { numRuns: 60 },
  );
}, 60_000);
