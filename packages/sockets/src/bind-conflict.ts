/** Whether bind(2) may give a port that others have: Linux's rules of SO_REUSEADDR and SO_REUSEPORT. */

import { ANY_IPV6, type IpAddress, isAny, isIpv4, sameAddress } from '@tcpstack/wire/ip-address';
import type { Kernel } from './kernel.ts';
import type { OptionValues } from './option-values.ts';
import type { Socket } from './socket.ts';
import { SHARING_SHIFT, TRAITS } from './time-wait-table.ts';

/** Where those are who use a port. */
type PortOwners = Pick<Kernel, 'ports' | 'connections' | 'timeWaits'>;
/** What the rules ask of a socket. */
type Sharing = Pick<OptionValues, 'reuseAddress' | 'reusePort' | 'v6Only' | 'interfaceIndex'>;

const REUSES_ADDRESS = 1;
const REUSES_PORT = 2;

/** What connections keep of it: two ends that have a bit in common share their port. */
export function sharingOf({ reuseAddress, reusePort }: Pick<Sharing, 'reuseAddress' | 'reusePort'>): number {
  return (reuseAddress ? REUSES_ADDRESS : 0) | (reusePort ? REUSES_PORT : 0);
}

/** Whether bind() may give `socket` this address and port. */
export function mayBind(kernel: PortOwners, socket: Socket, address: Readonly<IpAddress>, port: number): boolean {
  for (const other of kernel.ports.claimants(port)) {
    if (other !== socket && conflicts(socket.options, address, other)) return false;
  }
  return kernel.ports.connectionsOn(port) === 0 || !connectionConflicts(kernel, socket.options, address, port);
}

/**
 * The same for a port that the kernel chooses: like Linux, it shares none, whatever the options say. Ports that
 * connections use are passed over also when they have another address.
 */
export function mayChoose(kernel: PortOwners, address: Readonly<IpAddress>, options: Sharing, port: number): boolean {
  if (kernel.ports.connectionsOn(port) > 0) return false;
  for (const other of kernel.ports.claimants(port)) {
    if (mayMeet(options, address, other.options, other.localAddress)) return false;
  }
  return true;
}

/**
 * Whether two sockets cannot both have what they ask for: one segment may be meant for either, and neither do both reuse
 * the address while the other does not listen, nor do both reuse the port.
 */
export function conflicts(mine: Sharing, address: Readonly<IpAddress>, other: Socket): boolean {
  if (!mayMeet(mine, address, other.options, other.localAddress)) return false;
  const { options, listener } = other;
  return !(mine.reuseAddress && options.reuseAddress && listener === null) && !(mine.reusePort && options.reusePort);
}

/**
 * Connections hold their port too, those of a listener that is gone and those in TIME-WAIT. Looked for one by one: bind()
 * to a port in use is rare.
 */
function connectionConflicts(kernel: PortOwners, mine: Sharing, address: Readonly<IpAddress>, port: number): boolean {
  const shared = sharingOf(mine);
  for (const { localPort, localAddress, socket, sharing } of kernel.connections.values()) {
    // Who claims the port itself was asked.
    if (localPort !== port || socket?.bound === true) continue;
    const its = socket === null ? sharing : sharingOf(socket.options);
    if ((shared & its) === 0 && mayMeet(mine, address, ANY_DEVICE, localAddress)) return true;
  }
  const { timeWaits } = kernel;
  for (let index = 0; index < timeWaits.size; index++) {
    if (timeWaits.localPortOf(index) !== port) continue;
    const its = timeWaits.word(index, TRAITS) >>> SHARING_SHIFT;
    if ((shared & its) === 0 && mayMeet(mine, address, ANY_DEVICE, timeWaits.localOf(index))) return true;
  }
  return false;
}

const ANY_DEVICE: Pick<Sharing, 'v6Only' | 'interfaceIndex'> = { v6Only: false, interfaceIndex: -1 };

/** Whether one segment may be meant for both. */
function mayMeet(
  mine: Pick<Sharing, 'v6Only' | 'interfaceIndex'>,
  a: Readonly<IpAddress>,
  its: Pick<Sharing, 'v6Only' | 'interfaceIndex'>,
  b: Readonly<IpAddress>,
): boolean {
  const [i, j] = [mine.interfaceIndex, its.interfaceIndex];
  if (i >= 0 && j >= 0 && i !== j) return false;
  // "::" takes both families unless IPV6_V6ONLY is set.
  if (sameAddress(a, ANY_IPV6)) return !isIpv4(b) || !mine.v6Only;
  if (sameAddress(b, ANY_IPV6)) return !isIpv4(a) || !its.v6Only;
  return sameAddress(a, b) || (isIpv4(a) && isIpv4(b) && (isAny(a) || isAny(b)));
}
