/** An ICMP error about a datagram of ours: told to the socket that sent it (RFC 1122 §4.1.3.3), as Linux's `udp_err`. */

import type { IcmpError } from '@tcpstack/ip/icmp-error';
import { linkMtuFor } from '@tcpstack/ip/interfaces';
import { copyOf } from '@tcpstack/wire/ip-address';
import { destinationPort, sourcePort, UDP_HEADER_BYTES } from '@tcpstack/wire/udp';
import { IP_PMTUDISC_DO, IP_PMTUDISC_DONT } from './constants.ts';
import { DATAGRAM_REPORTS_MAX } from './datagrams.ts';
import { EMSGSIZE } from './errno.ts';
import type { Kernel } from './kernel.ts';
import { wake } from './readiness.ts';
import type { Socket } from './socket.ts';
import { datagramSocketFor } from './udp-demux.ts';

/**
 * "UDP MUST pass to the application layer all ICMP error messages that it receives from the IP layer." — RFC 1122 §4.1.3.3.
 * As udp(7) has it: a socket that is not connected hears of them only with IP_RECVERR.
 *
 * @param errno What the error is called, positive.
 * @param end Where what was quoted ends.
 * @param isHard It will not go away by itself.
 * @returns False when the quoted datagram is no socket's.
 */
export function datagramFailed(
  kernel: Kernel,
  bytes: Uint8Array,
  end: number,
  error: IcmpError,
  errno: number,
  isHard: boolean,
): boolean {
  const { transportAt, source, destination } = error;
  const remotePort = destinationPort(bytes, transportAt);
  const socket = datagramSocketFor(kernel, destination, remotePort, source, sourcePort(bytes, transportAt), -1);
  if (socket === null) return false;
  kernel.counters.datagramIcmpErrors++;
  const quoted = bytes.subarray(transportAt + UDP_HEADER_BYTES, end);
  if (error.isTooBig) tooBig(kernel, socket, error, remotePort, quoted);
  else tell(kernel, socket, error, errno, isHard, 0, remotePort, quoted);
  return true;
}

function tooBig(kernel: Kernel, socket: Socket, error: IcmpError, remotePort: number, quoted: Uint8Array): void {
  const { destination, version, nextHopMtuBytes, totalBytes } = error;
  const { counters, nowMs, pathMtu, routing } = kernel;
  const path = routing.lookup(destination, null);
  const linkBytes = path === null ? totalBytes : linkMtuFor(path.out, destination);
  if (pathMtu.learn(nowMs, destination, linkBytes, nextHopMtuBytes, totalBytes)) counters.pathMtuLearnt++;
  else counters.pathMtuIgnored++;
  const discover = version === 4 ? socket.options.mtuDiscover : socket.options.mtuDiscoverV6;
  // Who lets us cut need not know.
  if (discover === IP_PMTUDISC_DONT) return;
  const isHard = version === 4 || discover === IP_PMTUDISC_DO;
  tell(kernel, socket, error, EMSGSIZE, isHard, pathMtu.mtuBytes(nowMs, destination, linkBytes), remotePort, quoted);
}

function tell(
  kernel: Kernel,
  socket: Socket,
  error: IcmpError,
  errno: number,
  isHard: boolean,
  info: number,
  remotePort: number,
  quoted: Uint8Array,
): void {
  const { datagrams, options } = socket;
  if (datagrams === null) return;
  const isIpv6 = error.version === 6;
  const reports = isIpv6 ? options.receiveErrorsV6 : options.receiveErrors;
  if (!reports && !(isHard && datagrams.remoteAddress !== null)) return;
  if (reports && datagrams.reports.length < DATAGRAM_REPORTS_MAX) {
    const { type, code } = error;
    const [offender, remoteAddress] = [copyOf(error.offender), copyOf(error.destination)];
    datagrams.reports.push({
      errno,
      type,
      code,
      info,
      isIpv6,
      offender,
      remoteAddress,
      remotePort,
      quoted: quoted.slice(),
    });
  }
  socket.pendingErrno = errno;
  wake(kernel, socket);
}
