/** Watches the system calls of a host, as `strace` watches those of a process. */

import {
  AF_INET,
  AF_INET6,
  IPPROTO_TCP,
  SO_ERROR,
  SO_LINGER,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_SNDBUF,
  SOL_SOCKET,
  TCP_CONGESTION,
  TCP_INFO,
  TCP_NODELAY,
} from '@tcpstack/sockets/constants';
import { errnoName } from '@tcpstack/sockets/errno';
import type { OptionValue, SockAddr, Syscalls } from '@tcpstack/sockets/syscalls';

/** One call that returned. */
export interface TracedCall {
  readonly call: string;
  readonly args: readonly (string | number)[];
  readonly result: number | SockAddr;
  readonly error?: string;
}

const OPTION_NAMES: Readonly<Record<string, string>> = {
  [`${SOL_SOCKET}:${SO_ERROR}`]: 'SO_ERROR',
  [`${SOL_SOCKET}:${SO_REUSEADDR}`]: 'SO_REUSEADDR',
  [`${SOL_SOCKET}:${SO_LINGER}`]: 'SO_LINGER',
  [`${SOL_SOCKET}:${SO_SNDBUF}`]: 'SO_SNDBUF',
  [`${SOL_SOCKET}:${SO_RCVBUF}`]: 'SO_RCVBUF',
  [`${IPPROTO_TCP}:${TCP_NODELAY}`]: 'TCP_NODELAY',
  [`${IPPROTO_TCP}:${TCP_INFO}`]: 'TCP_INFO',
  [`${IPPROTO_TCP}:${TCP_CONGESTION}`]: 'TCP_CONGESTION',
};
const DOMAIN_NAMES: Readonly<Record<number, string>> = { [AF_INET]: 'AF_INET', [AF_INET6]: 'AF_INET6' };
const HOW_NAMES = ['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR'];

/** What the watcher is told. */
export interface CallWatcher {
  /** A call is about to run. */
  before(): void;
  /** It returned. */
  after(call: TracedCall): void;
}

type AnyCall = (...args: never[]) => number | SockAddr;

/** Puts `watcher` between the programs of a host and its calls, from now on. `poll` is not traced. */
export function traceSyscalls(sys: Syscalls, watcher: CallWatcher): void {
  const calls = sys as unknown as Record<string, AnyCall>;
  for (const [call, run] of Object.entries(calls)) {
    if (call === 'poll') continue;
    calls[call] = (...args: never[]): number | SockAddr => {
      watcher.before();
      const result = run(...args);
      watcher.after({ call, args: argumentsOf(call, args), ...resultOf(result) });
      return result;
    };
  }
}

/** What an option's value is, a number, a text or a record, is not told: strace shows the call's own 0. */
function resultOf(result: OptionValue | SockAddr): Pick<TracedCall, 'result' | 'error'> {
  if (typeof result === 'number') return result < 0 ? { result: -1, error: errnoName(result) } : { result };
  return { result: typeof result === 'object' && 'port' in result ? result : 0 };
}

function argumentsOf(call: string, args: readonly unknown[]): (string | number)[] {
  switch (call) {
    case 'read':
    case 'write': {
      const [fd, buffer, at = 0, end = (buffer as Uint8Array).length] = args as [number, Uint8Array, number?, number?];
      return [fd, end - at];
    }
    case 'socket':
      return args.map((domain) => DOMAIN_NAMES[domain as number] ?? (domain as number));
    case 'shutdown':
      return [args[0] as number, HOW_NAMES[args[1] as number] ?? (args[1] as number)];
    case 'getsockopt':
    case 'setsockopt': {
      const [fd, level, name, ...value] = args as [number, number, number, ...OptionValue[]];
      return [fd, OPTION_NAMES[`${level}:${name}`] ?? name, ...value.map(valueText)];
    }
    default:
      return args.map(argumentText);
  }
}

/** Of buffers their bytes, of other records what is in them. */
function argumentText(value: unknown): string | number {
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (value instanceof Uint8Array) return value.length;
  return JSON.stringify(value) ?? '';
}

/** A record as strace shows it: "{onoff=1, linger=0}". */
function valueText(value: OptionValue): string | number {
  if (typeof value !== 'object') return value;
  const fields = Object.entries(value).map(([name, number]) => `${name}=${number}`);
  return `{${fields.join(', ')}}`;
}
