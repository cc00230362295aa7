/** What our stack knows about the connection that a request came on. */

import type { Link } from '@tcpstack/runtime/link';
import type { Host } from '@tcpstack/sockets/host';

/** The stack that serves. */
export interface SiteStack {
  readonly host: Host;
  /** What carries its packets. */
  readonly link: Link;
}

/** The part of a request's socket that finds its connection. */
export interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** One line of the table: a name, a value, and what the value means. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** Facts about the connection of `peer`, and about the link; each request sees them as they are then. */
export function factsOf({ host, link }: SiteStack, peer: Peer): Fact[] {
  const views = host.sockets();
  // A server on `::` shows IPv4 peers by their mapped addresses.
  const address = peer.remoteAddress?.replace(/^::ffff:/, '');
  const view = views.find(({ remote }) => remote?.address === address && remote?.port === peer.remotePort);
  const facts: Fact[] = [];
  const add = (name: string, value: string | number, note = ''): void => {
    facts.push({ name, value: String(value), note });
  };
  const tcp = view?.tcp ?? null;
  if (view !== undefined && view.remote !== null && tcp !== null) {
    add('Your end', `${view.remote.address}:${view.remote.port}`);
    add('Our end', `${view.local.address}:${view.local.port}`, `descriptor ${view.fd}`);
    add('State', view.state);
    add('Sequence numbers', `${tcp.iss} and ${tcp.irs}`, 'where we and you began to count');
    add('Bytes so far', `${count(tcp.rcvNxt - tcp.irs - 1)} in, ${count(tcp.sndNxt - tcp.iss - 1)} out`);
    add('Maximum segment size', `${tcp.mssBytes} bytes`, 'of payload that we send in one segment');
    add(
      'Round trip',
      tcp.srttMs < 0 ? 'not measured yet' : `${tcp.srttMs.toFixed(3)} ms`,
      `retransmit after ${Math.round(tcp.rtoMs)} ms`,
    );
    add('Congestion window', bytes(tcp.cwndBytes), 'bytes that we may have on the way');
    add('Your window', bytes(tcp.sndWndBytes), `scaled by 2^${tcp.sndScale}`);
    add('Our window', bytes(tcp.rcvWndBytes), `scaled by 2^${tcp.rcvScale}`);
    add('Options', optionNames(tcp));
    add('Retransmissions', tcp.retransmits);
  }
  const { receivedPackets, sentPackets, sendDrops, receiveDrops } = link.stats;
  add('Packets of the stack', `${receivedPackets} in, ${sentPackets} out`, `${sendDrops + receiveDrops} dropped`);
  add(
    'Link',
    link.superSegmentBytes > 0 ? `MTU ${link.mtuBytes}, super-segments` : `MTU ${link.mtuBytes}`,
    `checksums: ${link.checksum}`,
  );
  add('Sockets', views.length, 'of the stack, with those in TIME-WAIT');
  return facts;
}

function optionNames(tcp: { timestamps: boolean; sack: boolean; sndScale: number; rcvScale: number }): string {
  const names = ['MSS'];
  if (tcp.sndScale > 0 || tcp.rcvScale > 0) names.push('window scale');
  if (tcp.timestamps) names.push('timestamps');
  if (tcp.sack) names.push('SACK');
  return names.join(', ');
}

/** Modulo 2^32, as sequence numbers count. */
function count(difference: number): string {
  return (difference >>> 0).toLocaleString('en-US');
}

function bytes(count: number): string {
  return `${count.toLocaleString('en-US')} bytes`;
}
