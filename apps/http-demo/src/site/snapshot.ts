/** What our stack knows, at this moment, about the connection that a request came on. */

import type { Stack } from '@tcpstack/net';
import type { Link } from '@tcpstack/runtime/link';
import { IPPROTO_TCP, TCP_CONGESTION, TCP_INFO } from '@tcpstack/sockets/constants';
import type { TcpInfo } from '@tcpstack/sockets/syscalls';
import type { SocketView } from '@tcpstack/sockets/views';
import type { FlightRecorder } from '../watch/flight-recorder.ts';
import type { SegmentLog } from '../watch/track.ts';
import { type Fact, factsOf } from './facts.ts';

/** The stack that serves. */
export interface SiteStack {
  readonly stack: Stack;
  /** What carries its packets. */
  readonly link: Link;
  /** What watches them; `null` for nobody. */
  readonly recorder: FlightRecorder | null;
}

/** The part of a request's socket that finds its connection. */
export interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localPort?: number | undefined;
  /** Of TLS: "TLSv1.3". */
  getProtocol?(): string | null;
}

/** What `GET /connection` answers. */
export interface Snapshot {
  /** "HTTP/2 over TLSv1.3" */
  readonly protocol: string;
  readonly facts: readonly Fact[];
  /** `getsockopt(TCP_INFO)`; `null` when the connection is gone. */
  readonly tcpInfo: TcpInfo | null;
  /** `null` when nobody watched. */
  readonly segments: SegmentLog | null;
}

/** Each call sees things as they are then. */
export function snapshotOf(site: SiteStack, peer: Peer, httpVersion: string): Snapshot {
  const { stack, link, recorder } = site;
  const views = stack.host.sockets();
  // A server on `::` shows IPv4 peers by their mapped addresses.
  const address = peer.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  const { remotePort = 0, localPort = 0 } = peer;
  const isOurs = ({ remote, local }: SocketView): boolean =>
    remote?.port === remotePort && remote.address === address && local.port === localPort;
  const view = views.find(isOurs) ?? null;
  const listener = views.find(({ state, local }) => state === 'LISTEN' && local.port === localPort) ?? null;
  const tls = peer.getProtocol?.() ?? null;
  const protocol = `HTTP/${httpVersion.replace('.0', '')}${tls === null ? '' : ` over ${tls}`}`;
  const { tcpInfo, congestion } = optionsOf(stack, view);
  return {
    protocol,
    facts: factsOf({ protocol, view, listener, tcpInfo, congestion, link, socketCount: views.length }),
    tcpInfo,
    segments: recorder?.segmentsOf(localPort, address, remotePort) ?? null,
  };
}

function optionsOf(
  { driver }: Stack,
  view: SocketView | null,
): Pick<Snapshot, 'tcpInfo'> & { readonly congestion: string } {
  if (view === null || view.fd < 0) return { tcpInfo: null, congestion: '' };
  const { sys } = driver;
  const info = sys.getsockopt(view.fd, IPPROTO_TCP, TCP_INFO);
  const congestion = sys.getsockopt(view.fd, IPPROTO_TCP, TCP_CONGESTION);
  return {
    tcpInfo: typeof info === 'object' && 'tcpi_state' in info ? info : null,
    congestion: typeof congestion === 'string' ? congestion : '',
  };
}
