/** A connection in each state with numbers on every side of every edge: data outstanding, data read, a window of its own. */

import type { TcpState } from '../../src/state.ts';
import { at, type Script, script } from '../script.ts';
import { ack, data, type Fields, fin, rst, syn, synAck } from '../segments.ts';
import type { View } from './case.ts';

/** A connection and what the wire told of it. */
export interface Setup {
  readonly t: Script;
  readonly view: View;
  /** TSval of a fresh segment and of one that is older than TS.Recent, where timestamps are agreed. */
  readonly fresh: Fields;
  readonly old: Fields;
}

/** The window of the peer's segments, and so MAX.SND.WND. */
const PEER_WINDOW = 20_000;
/** So many bytes of ours are acknowledged, and so many more are outstanding. */
const ACKED = 100;
const OUTSTANDING = 200;
const RECEIVED = 100;
const BUFFER = 4000;

/** Every setup by name; SYN-RECEIVED comes from a passive and from an active OPEN. */
export const SETUPS: Readonly<Record<string, { readonly state: TcpState; readonly make: (ts: boolean) => Setup }>> = {
  CLOSED: { state: 'CLOSED', make: (ts) => seen(open(ts).inject(at(0), rst({ seq: RECEIVED + 1 })), ts) },
  'SYN-SENT': { state: 'SYN-SENT', make: (ts) => seen(script(options(false)).connect(), ts) },
  'SYN-RECEIVED (passive OPEN)': { state: 'SYN-RECEIVED', make: (ts) => seen(halfOpen(ts), ts, true) },
  'SYN-RECEIVED (active OPEN)': {
    state: 'SYN-RECEIVED',
    make: (ts) =>
      seen(
        script(options(false))
          .connect()
          .inject(at(0), syn(offer(ts))),
        ts,
      ),
  },
  ESTABLISHED: { state: 'ESTABLISHED', make: (ts) => seen(open(ts), ts) },
  'ESTABLISHED, window closed': { state: 'ESTABLISHED', make: (ts) => seen(open(ts, RECEIVED), ts) },
  'FIN-WAIT-1': { state: 'FIN-WAIT-1', make: (ts) => seen(open(ts).close(), ts) },
  'FIN-WAIT-1, window closed': { state: 'FIN-WAIT-1', make: (ts) => seen(open(ts, RECEIVED).close(), ts) },
  'FIN-WAIT-2': { state: 'FIN-WAIT-2', make: (ts) => seen(allAcked(open(ts).close(), ts), ts) },
  'CLOSE-WAIT': { state: 'CLOSE-WAIT', make: (ts) => seen(peerClosed(open(ts), ts), ts) },
  CLOSING: { state: 'CLOSING', make: (ts) => seen(peerClosed(open(ts).close(), ts), ts) },
  'LAST-ACK': { state: 'LAST-ACK', make: (ts) => seen(peerClosed(open(ts), ts).close(), ts) },
  'TIME-WAIT': {
    state: 'TIME-WAIT',
    make: (ts) => seen(peerClosed(allAcked(open(ts).close(), ts), ts, ACKED + OUTSTANDING + 2), ts),
  },
};

const options = (passive: boolean, receiveBufferBytes = BUFFER) => ({ passive, receiveBufferBytes, loose: true });
const offer = (ts: boolean): Fields => ({ mss: 1460, win: PEER_WINDOW, ...(ts ? { ts: [1000, 0] } : {}) });
const usual = (ts: boolean): Fields => ({ win: PEER_WINDOW, ...(ts ? { ts: [1000, 0] } : {}) });

function halfOpen(ts: boolean): Script {
  return script(options(true)).inject(at(0), syn(offer(ts)));
}

/** ESTABLISHED: data went both ways, some of ours is outstanding. */
function open(ts: boolean, buffer = BUFFER): Script {
  const t = script(options(false, buffer)).connect();
  t.inject(at(0), synAck({ ack: 1, ...offer(ts) }));
  t.write(ACKED);
  t.inject(at(0), ack({ seq: 1, ack: 1 + ACKED, ...usual(ts) }));
  t.inject(at(0), data({ seq: 1, ack: 1 + ACKED, len: RECEIVED, ...usual(ts) }));
  if (buffer > RECEIVED) t.read();
  t.write(OUTSTANDING);
  return t;
}

function allAcked(t: Script, ts: boolean): Script {
  return t.inject(at(0), ack({ seq: 1 + RECEIVED, ack: 1 + ACKED + OUTSTANDING + 1, ...usual(ts) }));
}

function peerClosed(t: Script, ts: boolean, acks = 1 + ACKED): Script {
  return t.inject(at(0), fin({ seq: 1 + RECEIVED, ack: acks, ...usual(ts) }));
}

/** Reads the view off the segments that went out, not off the connection. */
function seen(t: Script, ts: boolean, passive = false): Setup {
  const sent = t.take();
  const last = sent.at(-1);
  const ends = sent.map((s) => s.seq + s.len + ((s.flags & 0x03) !== 0 ? 1 : 0));
  const { state } = t.tcb;
  const nxt = Math.max(...ends);
  const rcvNxt = last?.ack ?? 0;
  const view: View = {
    passive,
    state,
    una: state === 'SYN-SENT' || state === 'SYN-RECEIVED' ? 0 : 1 + ACKED,
    nxt,
    rcvNxt,
    rcvEdge: rcvNxt + (last?.win ?? 0),
    maxWnd: PEER_WINDOW,
  };
  if (state === 'FIN-WAIT-2' || state === 'TIME-WAIT') view.una = nxt;
  // An ACK of all that is outstanding says nothing: the last segment of FIN-WAIT-2 was our FIN.
  return { t, view, fresh: ts ? { ts: [1001, 0] } : {}, old: { ts: [999, 0] } };
}
