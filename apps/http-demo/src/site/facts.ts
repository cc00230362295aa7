/** What is worth telling people about a connection, its queues and the link. */

import type { Link } from '@tcpstack/runtime/link';
import type { TcpInfo } from '@tcpstack/sockets/syscalls';
import type { SocketView, TcpView } from '@tcpstack/sockets/views';

/** One line of the table: a name, a value, and what the value means. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** What facts are made of. */
export interface FactSources {
  readonly protocol: string;
  /** `null` when the connection is gone. */
  readonly view: SocketView | null;
  readonly listener: SocketView | null;
  readonly tcpInfo: TcpInfo | null;
  readonly congestion: string;
  readonly link: Link;
  /** Of the whole stack. */
  readonly socketCount: number;
}

export function factsOf({ protocol, view, listener, tcpInfo, congestion, link, socketCount }: FactSources): Fact[] {
  const { receivedPackets, sentPackets, sendDrops, receiveDrops } = link.stats;
  return [
    ...(view === null || view.tcp === null ? [] : connectionFacts(view, view.tcp, protocol)),
    ...(view === null || view.tcp === null || tcpInfo === null ? [] : flowFacts(view.tcp, tcpInfo, congestion)),
    ...(view === null ? [] : queueFacts(view, listener)),
    fact('Packets of the stack', `${receivedPackets} in, ${sentPackets} out`, `${sendDrops + receiveDrops} dropped`),
    fact(
      'Link',
      link.superSegmentBytes > 0 ? `MTU ${link.mtuBytes}, super-segments` : `MTU ${link.mtuBytes}`,
      `checksums: ${link.checksum}`,
    ),
    fact('Sockets', socketCount, 'of the stack, with those in TIME-WAIT'),
  ];
}

function connectionFacts(view: SocketView, tcp: TcpView, protocol: string): Fact[] {
  const { local, remote, fd, state } = view;
  return [
    fact('Protocol', protocol),
    fact('Your end', `${remote?.address}:${remote?.port}`),
    fact('Our end', `${local.address}:${local.port}`, `descriptor ${fd}`),
    fact('State', state),
    fact('Sequence numbers', `${tcp.iss} and ${tcp.irs}`, 'where we and you began to count'),
    fact('Options', optionNames(tcp)),
  ];
}

function flowFacts(tcp: TcpView, info: TcpInfo, congestion: string): Fact[] {
  return [
    fact('Bytes so far', `${count(info.tcpi_bytes_received)} in, ${count(info.tcpi_bytes_acked)} out`, 'acknowledged'),
    fact('Maximum segment size', bytes(tcp.mssBytes), 'of payload that we send in one segment'),
    fact(
      'Round trip',
      tcp.srttMs < 0 ? 'not measured yet' : `${tcp.srttMs.toFixed(3)} ms`,
      `retransmit after ${Math.round(tcp.rtoMs)} ms`,
    ),
    fact('Congestion window', bytes(tcp.cwndBytes), `${info.tcpi_snd_cwnd} segments, by ${congestion}`),
    fact('Your window', bytes(tcp.sndWndBytes), `scaled by 2^${tcp.sndScale}`),
    fact('Our window', bytes(tcp.rcvWndBytes), `scaled by 2^${tcp.rcvScale}`),
    fact('Retransmissions', tcp.retransmits),
  ];
}

function queueFacts({ sendQueueBytes, recvQueueBytes }: SocketView, listener: SocketView | null): Fact[] {
  return [
    fact('Send queue', bytes(sendQueueBytes), 'written by us, not yet acknowledged by you'),
    fact('Receive queue', bytes(recvQueueBytes), 'arrived, not yet read by the server'),
    ...(listener === null
      ? []
      : [
          fact(
            "Listener's queues",
            `${listener.synQueueLength} SYN, ${listener.acceptQueueLength} accept`,
            `connections on their way in; backlog ${listener.backlogSegs}`,
          ),
        ]),
  ];
}

function fact(name: string, value: string | number, note = ''): Fact {
  return { name, value: String(value), note };
}

function optionNames(tcp: TcpView): string {
  const names = ['MSS'];
  if (tcp.sndScale > 0 || tcp.rcvScale > 0) names.push('window scale');
  if (tcp.timestamps) names.push('timestamps');
  if (tcp.sack) names.push('SACK');
  if (tcp.ecn) names.push('ECN');
  return names.join(', ');
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function bytes(number: number): string {
  return `${count(number)} bytes`;
}
