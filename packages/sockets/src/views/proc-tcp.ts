/** `/proc/net/tcp` and `/proc/net/tcp6`. */

import { diff } from '@tcpstack/seq/seq';
import { createTcpInfo, TCPI_STATES, tcpInfo } from '@tcpstack/tcp/connection';
import { isFinAcked } from '@tcpstack/tcp/state';
import type { Tcb } from '@tcpstack/tcp/tcb';
import { ANY_IPV4, ANY_IPV6 } from '@tcpstack/wire/ip-address';
import type { Connection } from '../connection.ts';
import type { Kernel } from '../kernel.ts';
import { type Entry, entriesOf, type Family } from './entries.ts';
import { header, line, type ProcLine, ticks } from './proc-line.ts';

/** Linux's number of SYN-RECEIVED; that of a request that a listener keeps is the same. */
const SYN_RECV = TCPI_STATES['SYN-RECEIVED'];
/** What Linux says of a listener, which never sends: the first time-out, and the first window. */
const LISTENER_RTO_MS = 1000;
const LISTENER_CWND_SEGMENTS = 10;
/** References that Linux holds to an entry in TIME-WAIT. */
const TIME_WAIT_REFERENCES = 3;

const info = createTcpInfo();

/** The whole file. */
export function procTcp(kernel: Kernel, family: Family): string {
  const lines = entriesOf(kernel, family).map((entry, place) => line(place, family, describe(kernel, entry, family)));
  return header(family) + lines.join('');
}

function describe(kernel: Kernel, entry: Entry, family: Family): ProcLine {
  switch (entry.kind) {
    case 'listener':
      return describeListener(kernel, entry, family);
    case 'half-open':
      return describeHalfOpen(kernel, entry.connection);
    case 'connection':
      return describeConnection(kernel, entry.connection);
    case 'time-wait':
      return describeTimeWait(kernel, entry.index);
  }
}

const QUIET = { txBytes: 0, rxBytes: 0, timer: 0, timerMs: 0, retries: 0, probes: 0, inode: 0, more: '' } as const;

function describeListener(
  kernel: Kernel,
  { socket, listener }: Extract<Entry, { kind: 'listener' }>,
  family: Family,
): ProcLine {
  return {
    ...QUIET,
    local: socket.localAddress,
    localPort: socket.localPort,
    remote: family === 4 ? ANY_IPV4 : ANY_IPV6,
    remotePort: 0,
    state: TCPI_STATES.LISTEN,
    rxBytes: listener.acceptQueue.length,
    inode: kernel.inodes.of(socket),
    references: 1,
    more: ` ${ticks(LISTENER_RTO_MS)} 0 0 ${LISTENER_CWND_SEGMENTS} ${socket.options.fastOpenBacklog}`,
  };
}

function describeHalfOpen(kernel: Kernel, connection: Connection): ProcLine {
  const { tcb } = connection;
  return {
    ...QUIET,
    ...endsOf(connection),
    state: SYN_RECV,
    timer: 1,
    timerMs: tcb.timers.retransmitAtMs - kernel.nowMs,
    retries: tcb.rtt.tries,
    references: 0,
  };
}

function describeConnection(kernel: Kernel, connection: Connection): ProcLine {
  const { tcb, socket } = connection;
  const { timer, atMs } = timerOf(tcb);
  tcpInfo(tcb, kernel.nowMs, info);
  const { tcpi_rto, tcpi_ato, tcpi_snd_cwnd, tcpi_snd_ssthresh } = info;
  const interactive = tcb.delayedAck.interactive ? 1 : 0;
  // Linux: -1 while slow start has not met a loss.
  const ssthresh = tcpi_snd_ssthresh === 0x7fff_ffff ? -1 : tcpi_snd_ssthresh;
  // Linux counts those that it sends at once from the first data on.
  const quickAcks = tcb.delayedAck.dataAtMs > -Infinity ? tcb.out.quickAcks : 0;
  const answers = (quickAcks << 1) | interactive;
  return {
    ...endsOf(connection),
    state: TCPI_STATES[tcb.state],
    txBytes: queuedBytes(tcb),
    rxBytes: tcb.receiveRing.readable,
    timer,
    timerMs: timer === 0 ? 0 : atMs - kernel.nowMs,
    retries: tcb.rtt.tries,
    probes: info.tcpi_probes,
    inode: socket === null ? 0 : kernel.inodes.of(socket),
    references: timer === 0 ? 1 : 2,
    more: ` ${ticks(tcpi_rto / 1000)} ${ticks(tcpi_ato / 1000)} ${answers} ${tcpi_snd_cwnd} ${ssthresh}`,
  };
}

function describeTimeWait({ timeWaits, nowMs }: Kernel, index: number): ProcLine {
  return {
    ...QUIET,
    local: timeWaits.localOf(index),
    localPort: timeWaits.localPortOf(index),
    remote: timeWaits.remoteOf(index),
    remotePort: timeWaits.remotePortOf(index),
    state: TCPI_STATES['TIME-WAIT'],
    timer: 3,
    timerMs: timeWaits.deadlineOf(index) - nowMs,
    references: TIME_WAIT_REFERENCES,
  };
}

function endsOf(connection: Connection): Pick<ProcLine, 'local' | 'localPort' | 'remote' | 'remotePort'> {
  const { localAddress, localPort, remoteAddress, remotePort } = connection;
  return { local: localAddress, localPort, remote: remoteAddress, remotePort };
}

/** In sequence numbers, as Linux's `write_seq - snd_una`: a SYN and a FIN are one each. */
function queuedBytes(tcb: Tcb): number {
  const isOpening = tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED';
  const syn = isOpening && diff(tcb.snd.una, tcb.snd.iss) === 0 ? 1 : 0;
  return syn + tcb.sendRing.readable + (tcb.finQueued && !isFinAcked(tcb) ? 1 : 0);
}

/** The timer that the kernel would name. */
function timerOf({ timers, state }: Tcb): { timer: ProcLine['timer']; atMs: number } {
  if (state === 'TIME-WAIT') return { timer: 3, atMs: timers.lingerAtMs };
  const lossAtMs = Math.min(timers.retransmitAtMs, timers.tailProbeAtMs, timers.reorderAtMs);
  if (lossAtMs < Infinity) return { timer: 1, atMs: lossAtMs };
  if (timers.persistAtMs < Infinity) return { timer: 4, atMs: timers.persistAtMs };
  const sleepAtMs = Math.min(timers.keepAliveAtMs, timers.lingerAtMs);
  return sleepAtMs < Infinity ? { timer: 2, atMs: sleepAtMs } : { timer: 0, atMs: 0 };
}
