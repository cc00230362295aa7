/** Whose datagram is it: the socket that says most exactly what it wants (Linux's `compute_score`). */

import { type IpAddress, isAny, isIpv4, sameAddress } from '@tcpstack/wire/ip-address';
import type { Kernel } from './kernel.ts';
import type { Socket } from './socket.ts';

/** The socket for a datagram between these ends, or `null`. Of a SO_REUSEPORT group one and the same for each peer. */
export function datagramSocketFor(
  kernel: Kernel,
  remote: Readonly<IpAddress>,
  remotePort: number,
  local: Readonly<IpAddress>,
  localPort: number,
  interfaceIndex: number,
): Socket | null {
  let best: Socket | null = null;
  let bestScore = -1;
  let members = 0;
  for (const socket of kernel.datagramPorts.claimants(localPort)) {
    const score = scoreOf(socket, remote, remotePort, local, interfaceIndex);
    if (score < 0 || score < bestScore) continue;
    members = score === bestScore ? members + 1 : 1;
    bestScore = score;
    // Like Linux, which finds the youngest first.
    best = socket;
  }
  if (best === null || members === 1 || !best.options.reusePort) return best;
  const hash = kernel.groupHash.of(remote, remotePort, local, localPort);
  let left = Math.floor(((hash >>> 0) / 2 ** 32) * members);
  for (const socket of kernel.datagramPorts.claimants(localPort)) {
    if (scoreOf(socket, remote, remotePort, local, interfaceIndex) === bestScore && left-- === 0) return socket;
  }
  return best;
}

/** -1: not for this socket. */
function scoreOf(
  socket: Socket,
  remote: Readonly<IpAddress>,
  remotePort: number,
  local: Readonly<IpAddress>,
  interfaceIndex: number,
): number {
  const { localAddress, options, datagrams } = socket;
  if (datagrams === null) return -1;
  let score = isIpv4(localAddress) === isIpv4(local) ? 1 : 0;
  if (isAny(localAddress)) {
    const covers = isIpv4(localAddress) ? isIpv4(local) : !isIpv4(local) || !options.v6Only;
    if (!covers) return -1;
  } else {
    if (!sameAddress(localAddress, local)) return -1;
    score += 4;
  }
  if (datagrams.remoteAddress !== null) {
    if (datagrams.remotePort !== remotePort || !sameAddress(datagrams.remoteAddress, remote)) return -1;
    score += 8;
  }
  if (options.interfaceIndex >= 0) {
    if (options.interfaceIndex !== interfaceIndex) return -1;
    score += 4;
  }
  return score;
}
