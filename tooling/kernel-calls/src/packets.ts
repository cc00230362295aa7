/** What the helper sees of the packets that come to its host, and the ICMP messages that it sends. */

import { AF_INET, AF_INET6, SOCK_NONBLOCK } from '@tcpstack/sockets/constants';
import { IpAddress, parseAddress } from '@tcpstack/wire/ip-address';
import { inOwnPlace } from './descriptors.ts';
import { type IcmpError, icmpMessage, isFrom, isIpv6, PROTOCOL_ICMPV6 } from './icmp-words.ts';
import { libc } from './libc.ts';
import { encodeSockaddr } from './sockaddr.ts';

const AF_PACKET = 17;
const SOCK_RAW = 3;
/** Packets without the header of the link. */
const SOCK_DGRAM = 2;
/** `htons(ETH_P_ALL)` */
const EVERY_PROTOCOL = 0x0300;
const PROTOCOL_ICMP = 1;

let watching = -1;
/** The last packet of the other host. */
let last: Uint8Array | null = null;
const room = new Uint8Array(65_536);

/** Sees every packet from now on, until `begin`. */
export function watchPackets(): number {
  last = null;
  watching = inOwnPlace(2, () => libc.socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, EVERY_PROTOCOL));
  return Math.min(watching, 0);
}

/** Sends the ICMP error about the last packet that came from this host, to whom it is sent. */
export function answerLast(sender: readonly [string, string], error: IcmpError): number {
  const from = sender.map((text) => parseAddress(text) ?? new IpAddress());
  for (;;) {
    const length = libc.recv(watching, room, room.length, 0);
    if (length <= 0) break;
    const packet = room.slice(0, length);
    if (isFrom(packet, from)) last = packet;
  }
  if (last === null) throw new Error('nothing came that could be answered');
  const overIpv6 = isIpv6(last);
  const message = icmpMessage(last, error);
  const fd = libc.socket(overIpv6 ? AF_INET6 : AF_INET, SOCK_RAW, overIpv6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP);
  const address = encodeSockaddr({ address: sender[overIpv6 ? 1 : 0], port: 0 }) as Uint8Array;
  const sent = libc.sendto(fd, message, message.length, 0, address, address.length);
  libc.close(fd);
  return Math.min(sent, 0);
}
