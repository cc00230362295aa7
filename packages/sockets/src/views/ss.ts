/** A listing like that of `ss -tani`, or of `ss -uan`: a line for each socket, and one with what `TCP_INFO` says. */

import { createTcpInfo, type TcpInfo, tcpInfo } from '@tcpstack/tcp/connection';
import type { TcpState } from '@tcpstack/tcp/state';
import { formatAddress, type IpAddress, isAny, isIpv4 } from '@tcpstack/wire/ip-address';
import type { Connection } from '../connection.ts';
import { AF_INET6 } from '../constants.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { allEntries, type Entry, sockets } from './entries.ts';
import { infoLine } from './ss-info.ts';

/** What is listed; all of TCP when nothing is said. */
export interface SsFilter {
  /** Of these states, in the RFC's words. */
  readonly states?: readonly TcpState[];
  /** With this port here, or there. */
  readonly localPort?: number;
  readonly remotePort?: number;
  /** Sockets of datagrams instead, as `ss -uan`: connected ones are ESTABLISHED, the others CLOSED. */
  readonly datagrams?: boolean;
  /** Without the second line, as `ss -tan`. */
  readonly brief?: boolean;
}

/** States as `ss` calls them. */
const NAMES: Readonly<Record<TcpState, string>> = {
  ESTABLISHED: 'ESTAB',
  'SYN-SENT': 'SYN-SENT',
  'SYN-RECEIVED': 'SYN-RECV',
  'FIN-WAIT-1': 'FIN-WAIT-1',
  'FIN-WAIT-2': 'FIN-WAIT-2',
  'TIME-WAIT': 'TIME-WAIT',
  CLOSED: 'UNCONN',
  'CLOSE-WAIT': 'CLOSE-WAIT',
  'LAST-ACK': 'LAST-ACK',
  LISTEN: 'LISTEN',
  CLOSING: 'CLOSING',
};

const ANYBODY = ['*', '*'] as const;

/** One line before it is laid out. */
interface Row {
  readonly state: TcpState;
  readonly received: number;
  readonly sent: number;
  readonly local: readonly [address: string, port: string];
  readonly remote: readonly [address: string, port: string];
  /** '' for none. */
  readonly info: string;
}

/** The listing. */
export function ss(kernel: Kernel, filter: SsFilter = {}): string {
  const all =
    filter.datagrams === true ? datagramRows(kernel) : allEntries(kernel).map((entry) => rowOf(kernel, entry));
  const rows = all.filter((row) => passes(row, filter));
  const widths = [
    Math.max(5, ...rows.map(({ state }) => NAMES[state].length)),
    Math.max(14, ...rows.map(({ local }) => local[0].length + 1)),
    Math.max(13, ...rows.map(({ remote }) => remote[0].length + 1)),
  ] as const;
  const head = layOut('State', ['Recv-Q', 'Send-Q'], ['Local Address', 'Port'], ['Peer Address', 'Port'], widths);
  const lines = rows.map((row) => {
    const first = layOut(NAMES[row.state], [String(row.received), String(row.sent)], row.local, row.remote, widths);
    return filter.brief === true || row.info === '' ? first : `${first}\n\t ${row.info}`;
  });
  return [head, ...lines, ''].join('\n');
}

function layOut(
  state: string,
  [received, sent]: readonly [string, string],
  local: readonly [string, string],
  remote: readonly [string, string],
  [stateWidth, localWidth, remoteWidth]: readonly [number, number, number],
): string {
  const end = ([address, port]: readonly [string, string], width: number) =>
    `${address.padStart(width - 1)}:${port.padEnd(5)}`;
  const queues = `${received.padEnd(6)} ${sent.padEnd(6)}`;
  return `${state.padEnd(stateWidth)} ${queues} ${end(local, localWidth)} ${end(remote, remoteWidth)}`.trimEnd();
}

function passes({ state, local, remote }: Row, { states, localPort, remotePort }: SsFilter): boolean {
  if (states !== undefined && !states.includes(state)) return false;
  if (localPort !== undefined && Number(local[1]) !== localPort) return false;
  return remotePort === undefined || Number(remote[1]) === remotePort;
}

function rowOf(kernel: Kernel, entry: Entry): Row {
  switch (entry.kind) {
    case 'listener': {
      const { socket, listener } = entry;
      const [local, remote] = openEnds(socket);
      const { length, backlog } = listener.acceptQueue;
      return { state: 'LISTEN', received: length, sent: backlog, local, remote, info: '' };
    }
    case 'time-wait': {
      const { timeWaits } = kernel;
      const local = endOf(timeWaits.localOf(entry.index), timeWaits.localPortOf(entry.index));
      const remote = endOf(timeWaits.remoteOf(entry.index), timeWaits.remotePortOf(entry.index));
      return { state: 'TIME-WAIT', received: 0, sent: 0, local, remote, info: '' };
    }
    default:
      return rowOfConnection(kernel, entry.connection);
  }
}

/** Ends of a socket that takes from everybody. As in `ss`: who takes both families is on `*`. */
function openEnds({ domain, options, localAddress, localPort }: Socket): readonly [Row['local'], Row['remote']] {
  const takesBoth = domain === AF_INET6 && !options.v6Only && isAny(localAddress);
  if (takesBoth) return [['*', String(localPort)], ANYBODY];
  return [endOf(localAddress, localPort), [isIpv4(localAddress) ? '0.0.0.0' : '[::]', '*']];
}

function datagramRows(kernel: Kernel): Row[] {
  const rows: Row[] = [];
  for (const socket of sockets(kernel)) {
    const { datagrams, localAddress, localPort } = socket;
    if (datagrams === null || localPort === 0) continue;
    const { remoteAddress, remotePort, queue } = datagrams;
    const [local, remote] =
      remoteAddress === null ? openEnds(socket) : [endOf(localAddress, localPort), endOf(remoteAddress, remotePort)];
    const state = remoteAddress === null ? 'CLOSED' : 'ESTABLISHED';
    // What was sent is the IP layer's at once.
    rows.push({ state, received: queue.bytes, sent: 0, local, remote, info: '' });
  }
  return rows;
}

function rowOfConnection(kernel: Kernel, connection: Connection): Row {
  const { tcb } = connection;
  const isHalfOpen = connection.queue === 'syn';
  return {
    state: tcb.state,
    received: tcb.receiveRing.readable,
    sent: isHalfOpen ? 0 : tcb.sendRing.readable + (tcb.state === 'SYN-SENT' ? 1 : 0),
    local: endOf(connection.localAddress, connection.localPort),
    remote: endOf(connection.remoteAddress, connection.remotePort),
    info: isHalfOpen ? '' : infoLine(infoOf(kernel, connection), tcb.congestion.name),
  };
}

function infoOf({ nowMs, pathMtu }: Kernel, { tcb, remoteAddress, path }: Connection): TcpInfo {
  const info = createTcpInfo();
  tcpInfo(tcb, nowMs, info);
  info.tcpi_pmtu = pathMtu.mtuBytes(nowMs, remoteAddress, path.out.mtuBytes);
  return info;
}

function endOf(address: Readonly<IpAddress>, port: number): readonly [string, string] {
  const text = formatAddress(address);
  return [text.includes(':') ? `[${text}]` : text, String(port)];
}
