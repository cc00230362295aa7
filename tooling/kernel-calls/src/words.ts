/** Calls and results as text: constants by their names, errors by theirs, data as it reads. */

import * as constants from '@tcpstack/sockets/constants';
import { errnoName } from '@tcpstack/sockets/errno';
import type { MsgHdr, SockAddr } from '@tcpstack/sockets/syscalls';

type Names = ReadonlyMap<number, string>;

const ALL = Object.entries(constants).filter((entry): entry is [string, number] => typeof entry[1] === 'number');

function named(pattern: RegExp): Names {
  return new Map(ALL.filter(([name]) => pattern.test(name)).map(([name, value]) => [value, name]));
}

export const LEVELS = named(/^(SOL_SOCKET|IPPROTO_\w+)$/);
/** The options by level and number. */
export const OPTIONS: ReadonlyMap<number, Names> = new Map([
  [constants.SOL_SOCKET, named(/^SO_(?!EE_)/)],
  [constants.IPPROTO_IP, named(/^IP_(?!PMTUDISC)/)],
  [constants.IPPROTO_IPV6, named(/^IPV6_(?!PMTUDISC)/)],
  [constants.IPPROTO_TCP, named(/^TCP_/)],
  [constants.IPPROTO_UDP, named(/^UDP_/)],
]);
const DOMAINS = named(/^AF_/);
const TYPES = named(/^SOCK_(STREAM|DGRAM|RAW|SEQPACKET)$/);
const TYPE_FLAGS = named(/^SOCK_(NONBLOCK|CLOEXEC)$/);
const SHUT = named(/^SHUT_/);
const COMMANDS = named(/^F_/);
const FILE_FLAGS = named(/^O_/);
const REQUESTS = named(/^(FIO|SIOC)/);
const MSG = named(/^MSG_/);
const POLL = named(/^POLL/);
const EPOLL = named(/^EPOLL(?!_)/);
const EPOLL_OPS = named(/^EPOLL_CTL_/);

/** All that poll() can be asked for. */
export const ALL_EVENTS = 0x23c7;

const word = (names: Names | undefined, value: unknown): string => names?.get(Number(value)) ?? String(value);

/** Bits by their names, from the lowest; 0 as `0`. */
export function bits(names: Names, value: number): string {
  const parts: string[] = [];
  let rest = value | 0;
  for (const [bit, name] of [...names].sort(([a], [b]) => (a >>> 0) - (b >>> 0))) {
    if (bit === 0 || (bit & (bit - 1)) !== 0 || (rest & bit) === 0) continue;
    parts.push(name);
    rest &= ~bit;
  }
  if (rest !== 0 || parts.length === 0) parts.push(rest === 0 ? '0' : `0x${(rest >>> 0).toString(16)}`);
  return parts.join('|');
}

function plain(value: unknown): string {
  if (ArrayBuffer.isView(value)) return `[${value.byteLength}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

type ArgumentWords = (args: readonly unknown[]) => string[];

const rest = (args: readonly unknown[], from: number): string[] => args.slice(from).map(plain);

/** How the arguments of some calls are told; the others' are numbers and texts. */
const ARGUMENTS: Readonly<Record<string, ArgumentWords>> = {
  socket: ([domain, type, ...more]) => [
    ...(domain === undefined ? [] : [word(DOMAINS, domain)]),
    ...(type === undefined ? [] : [typeWords(Number(type))]),
    ...rest(more, 0),
  ],
  accept4: ([fd, flags]) => [plain(fd), bits(TYPE_FLAGS, Number(flags))],
  shutdown: ([fd, how]) => [plain(fd), word(SHUT, how)],
  read: ([fd, into]) => [plain(fd), plain(into)],
  write: ([fd, from]) => [plain(fd), plain(from)],
  send: ([fd, , at, end, flags]) => [plain(fd), plain(Number(end) - Number(at)), bits(MSG, Number(flags))],
  recv: ([fd, , at, end, flags]) => [plain(fd), plain(Number(end) - Number(at)), bits(MSG, Number(flags))],
  sendto: ([fd, , at, end, flags, to]) => [
    plain(fd),
    plain(Number(end) - Number(at)),
    bits(MSG, Number(flags)),
    ...(to ? [plain(to)] : []),
  ],
  recvfrom: ([fd, , at, end, flags]) => [plain(fd), plain(Number(end) - Number(at)), bits(MSG, Number(flags))],
  readv: ([fd, iov]) => [plain(fd), parts(iov)],
  writev: ([fd, iov]) => [plain(fd), parts(iov)],
  sendmsg: ([fd, message, flags = 0]) => [
    plain(fd),
    parts((message as MsgHdr).iov),
    bits(MSG, Number(flags)),
    ...((message as MsgHdr).control ?? []).map(plain),
  ],
  recvmsg: ([fd, message, flags = 0]) => [plain(fd), parts((message as MsgHdr).iov), bits(MSG, Number(flags))],
  fcntl: ([fd, command, ...more]) => [
    plain(fd),
    word(COMMANDS, command),
    ...(command === constants.F_SETFL ? [bits(FILE_FLAGS, Number(more[0]))] : rest(more, 0)),
  ],
  ioctl: ([fd, request, ...more]) => [plain(fd), word(REQUESTS, request), ...rest(more, 0)],
  getsockopt: ([fd, level, name]) => [plain(fd), word(LEVELS, level), word(OPTIONS.get(Number(level)), name)],
  setsockopt: ([fd, level, name, value]) => [
    plain(fd),
    word(LEVELS, level),
    word(OPTIONS.get(Number(level)), name),
    typeof value === 'string' ? JSON.stringify(value) : plain(value),
  ],
  poll: ([fds]) =>
    (fds as { fd: number; events: number }[]).map(({ fd, events }) =>
      events === ALL_EVENTS ? `${fd}: all` : `${fd}: ${bits(POLL, events)}`,
    ),
  epoll_ctl: ([epfd, op, fd, event]) => [
    plain(epfd),
    word(EPOLL_OPS, op),
    plain(fd),
    event === null || event === undefined ? 'null' : bits(EPOLL, (event as { events: number }).events),
  ],
  epoll_wait: ([epfd, , maxEvents]) => [plain(epfd), plain(maxEvents)],
  select: ([nfds, ...sets]) => [plain(nfds), ...sets.map((set) => plain(setMembers(set)))],
};

function parts(iov: unknown): string {
  const list = iov as readonly Uint8Array[];
  return list.length > 8 ? `${list.length} buffers` : `[${list.map(({ length }) => length).join(' ')}]`;
}

function typeWords(type: number): string {
  const flags = type & (constants.SOCK_NONBLOCK | constants.SOCK_CLOEXEC);
  const base = word(TYPES, type & ~flags);
  return flags === 0 ? base : `${base}|${bits(TYPE_FLAGS, flags)}`;
}

function setMembers(set: unknown): number[] | null {
  if (!ArrayBuffer.isView(set)) return null;
  const words = set as Uint32Array;
  const members: number[] = [];
  for (let fd = 0; fd < words.length * 32; fd++) {
    if (((words[fd >>> 5] as number) & (1 << (fd & 31))) !== 0) members.push(fd);
  }
  return members;
}

/** The call with its arguments as they were before it. */
export function callWords(who: string, name: string, args: readonly unknown[]): string {
  const words = (ARGUMENTS[name] ?? ((all: readonly unknown[]) => rest(all, 0)))(args);
  return `${who}.${name}(${words.join(', ')})`;
}

/** What it gave, and what it wrote into its arguments. */
export function resultWords(name: string, args: readonly unknown[], result: unknown): string {
  if (typeof result === 'number' && result < 0) return errnoName(result);
  if (name === 'poll') {
    const told = (args[0] as { fd: number; revents: number }[]).map(
      ({ fd, revents }) => `${fd}: ${bits(POLL, revents)}`,
    );
    return `${result} {${told.join(', ')}}`;
  }
  if (name === 'epoll_wait') {
    const events = (args[1] as { events: number; data: number }[]).slice(0, Number(result));
    return `${result} {${events.map(({ events: mask, data }) => `${data}: ${bits(EPOLL, mask)}`).join(', ')}}`;
  }
  if (name === 'select')
    return `${result} ${args
      .slice(1)
      .map((set) => plain(setMembers(set)))
      .join(' ')}`;
  if (name === 'read' || name === 'recv') return readWords(args, Number(result));
  if (name === 'recvfrom') return `${readWords(args, Number(result))}${nameWords(args[5])}`;
  if (name === 'readv') return manyWords(args[1] as Uint8Array[], Number(result));
  if (name === 'recvmsg') return messageWords(args[1] as MsgHdr, Number(result));
  if (name === 'fcntl' && args[1] === constants.F_GETFL) return bits(FILE_FLAGS, Number(result));
  if (name === 'getsockopt' && args[1] === constants.SOL_SOCKET && args[2] === constants.SO_ERROR && result !== 0) {
    return errnoName(Number(result));
  }
  if (typeof result === 'object' && result !== null && 'address' in result) return endpointWords(result as SockAddr);
  return typeof result === 'string' ? JSON.stringify(result) : plain(result);
}

const SHOWN_BYTES = 24;

function endpointWords({ address, port }: SockAddr): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function nameWords(out: unknown): string {
  const { name } = (out ?? { name: undefined }) as { name?: SockAddr | null };
  if (name === undefined) return '';
  return name === null ? ' from nobody' : ` from ${endpointWords(name)}`;
}

function messageWords(message: MsgHdr, count: number): string {
  const control = (message.control ?? []).map((one) => JSON.stringify(one)).join(' ');
  const flags = bits(MSG, message.flags ?? 0);
  return `${manyWords(message.iov, count)}${nameWords(message)}, flags ${flags}${control === '' ? '' : `, ${control}`}`;
}

function manyWords(iov: readonly Uint8Array[], count: number): string {
  const all = new Uint8Array(iov.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of iov) {
    all.set(part, at);
    at += part.length;
  }
  return dataWords(all.subarray(0, count), count);
}

function readWords(args: readonly unknown[], count: number): string {
  const from = typeof args[2] === 'number' ? args[2] : 0;
  return dataWords((args[1] as Uint8Array).subarray(from, from + count), count);
}

function dataWords(bytes: Uint8Array, count: number): string {
  if (count === 0) return '0';
  const text = String.fromCharCode(...bytes.subarray(0, SHOWN_BYTES));
  return `${count} ${JSON.stringify(text)}${count > SHOWN_BYTES ? '...' : ''}`;
}
