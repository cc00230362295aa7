/** What each user call does in each state: RFC 9293 §3.10.1 to §3.10.6 as a table, in the words of POSIX. */

import type { TcpState } from '@tcpstack/tcp/state';
import { describe, expect, test } from 'vitest';
import { SHUT_WR, SO_LINGER, SOL_SOCKET } from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import { connected, connecting, listening, said, states, viewOf } from './calls.ts';
import { World } from './world.ts';

/** A socket of host 0 in the state, with all that was sent delivered, or lost where the state needs that. */
interface Stage {
  readonly world: World;
  readonly host: Host;
  readonly fd: number;
}

type Call = 'OPEN' | 'SEND' | 'RECEIVE' | 'CLOSE' | 'ABORT' | 'STATUS';

/** What a call returns, which state follows at once, and what leaves. */
interface Outcome {
  /** What the RFC has for it. */
  readonly rfc: string;
  readonly returns: number | string;
  readonly becomes: TcpState;
  /** The kinds of segments that leave because of it. Default: none. */
  readonly sends?: readonly string[];
}

function open(): Stage & { readonly peer: Host; readonly peerFd: number } {
  const world = new World();
  const { server, client, s, c } = connected(world);
  return { world, host: server, fd: s, peer: client, peerFd: c };
}

function losing(stage: Stage): Stage {
  stage.world.passes = () => false;
  return stage;
}

function shut(stage: Stage): Stage {
  expect(said(stage.host.sys.shutdown(stage.fd, SHUT_WR))).toBe(0);
  stage.world.settle();
  return stage;
}

function shutByPeer<T extends ReturnType<typeof open>>(stage: T): T {
  expect(said(stage.peer.sys.shutdown(stage.peerFd, SHUT_WR))).toBe(0);
  stage.world.settle();
  return stage;
}

/** Both ends call at once, and only this kind of segment arrives. */
function crossing(): Stage {
  const world = new World({ delayMs: 10 });
  world.passes = ({ kind }) => kind === 'SYN';
  const fds = [0, 1].map((i) => {
    const { sys } = world.host(i);
    const fd = sys.socket();
    sys.bind(fd, '0.0.0.0', 4000);
    sys.connect(fd, world.host(1 - i).address, 4000);
    return fd;
  });
  world.run(10);
  return { world, host: world.host(0), fd: fds[0] as number };
}

/** Both ends close at once: the FINs arrive, and their ACKs do not. */
function closingAtOnce(): Stage {
  const stage = open();
  const { world, host, fd, peer, peerFd } = stage;
  world.passes = ({ kind }) => kind.includes('FIN');
  host.sys.shutdown(fd, SHUT_WR);
  peer.sys.shutdown(peerFd, SHUT_WR);
  world.settle();
  return stage;
}

function fresh(fdOf: (world: World, host: Host) => number): Stage {
  const world = new World();
  const host = world.host(0);
  return { world, host, fd: fdOf(world, host) };
}

const BUILD: Readonly<Record<TcpState, () => Stage>> = {
  CLOSED: () => fresh((_world, host) => host.sys.socket()),
  LISTEN: () => fresh((_world, host) => listening(host)),
  'SYN-SENT': () => {
    const stage = fresh((world, host) => connecting(host, world.host(1)));
    losing(stage).world.settle();
    return stage;
  },
  'SYN-RECEIVED': crossing,
  ESTABLISHED: open,
  'FIN-WAIT-1': () => shut(losing(open())),
  'FIN-WAIT-2': () => shut(open()),
  'CLOSE-WAIT': () => shutByPeer(open()),
  CLOSING: closingAtOnce,
  'LAST-ACK': () => shut(losing(shutByPeer(open()))),
  'TIME-WAIT': () => {
    const stage = open();
    shut(stage);
    return shutByPeer(stage);
  },
};

const exists = 'connection already exists';
const isClosing = 'connection closing';
const isNone = 'connection does not exist';
const reset = ['ACK,RST'];

const OPEN: Readonly<Record<TcpState, Outcome>> = {
  CLOSED: { rfc: 'issue a SYN segment', returns: 'EINPROGRESS', becomes: 'SYN-SENT', sends: ['SYN'] },
  // A listener of POSIX stays one: it has no way from passive to active.
  LISTEN: { rfc: 'change the connection from passive to active', returns: 'EISCONN', becomes: 'LISTEN' },
  'SYN-SENT': { rfc: exists, returns: 'EALREADY', becomes: 'SYN-SENT' },
  'SYN-RECEIVED': { rfc: exists, returns: 'EALREADY', becomes: 'SYN-RECEIVED' },
  // The ends of this table came from accept(); to the one that called, the first such call says 0.
  ESTABLISHED: { rfc: exists, returns: 'EISCONN', becomes: 'ESTABLISHED' },
  'FIN-WAIT-1': { rfc: exists, returns: 'EISCONN', becomes: 'FIN-WAIT-1' },
  'FIN-WAIT-2': { rfc: exists, returns: 'EISCONN', becomes: 'FIN-WAIT-2' },
  'CLOSE-WAIT': { rfc: exists, returns: 'EISCONN', becomes: 'CLOSE-WAIT' },
  CLOSING: { rfc: exists, returns: 'EISCONN', becomes: 'CLOSING' },
  'LAST-ACK': { rfc: exists, returns: 'EISCONN', becomes: 'LAST-ACK' },
  'TIME-WAIT': { rfc: exists, returns: 'EISCONN', becomes: 'TIME-WAIT' },
};

const SEND: Readonly<Record<TcpState, Outcome>> = {
  CLOSED: { rfc: isNone, returns: 'EPIPE', becomes: 'CLOSED' },
  LISTEN: { rfc: 'remote socket unspecified', returns: 'EPIPE', becomes: 'LISTEN' },
  // There is no room before the connection is open: POLLOUT tells when there is.
  'SYN-SENT': { rfc: 'insufficient resources', returns: 'EAGAIN', becomes: 'SYN-SENT' },
  'SYN-RECEIVED': { rfc: 'insufficient resources', returns: 'EAGAIN', becomes: 'SYN-RECEIVED' },
  ESTABLISHED: { rfc: 'segmentize the buffer and send it', returns: 1, becomes: 'ESTABLISHED', sends: ['ACK,PSH'] },
  'CLOSE-WAIT': { rfc: 'segmentize the buffer and send it', returns: 1, becomes: 'CLOSE-WAIT', sends: ['ACK,PSH'] },
  'FIN-WAIT-1': { rfc: isClosing, returns: 'EPIPE', becomes: 'FIN-WAIT-1' },
  'FIN-WAIT-2': { rfc: isClosing, returns: 'EPIPE', becomes: 'FIN-WAIT-2' },
  CLOSING: { rfc: isClosing, returns: 'EPIPE', becomes: 'CLOSING' },
  'LAST-ACK': { rfc: isClosing, returns: 'EPIPE', becomes: 'LAST-ACK' },
  'TIME-WAIT': { rfc: isClosing, returns: 'EPIPE', becomes: 'TIME-WAIT' },
};

/** Without data on hand. Where the RFC queues the request, a call that does not block says EAGAIN. */
const RECEIVE: Readonly<Record<TcpState, Outcome>> = {
  CLOSED: { rfc: isNone, returns: 'ENOTCONN', becomes: 'CLOSED' },
  LISTEN: { rfc: 'queue for processing', returns: 'ENOTCONN', becomes: 'LISTEN' },
  'SYN-SENT': { rfc: 'queue for processing', returns: 'EAGAIN', becomes: 'SYN-SENT' },
  'SYN-RECEIVED': { rfc: 'queue for processing', returns: 'EAGAIN', becomes: 'SYN-RECEIVED' },
  ESTABLISHED: { rfc: 'queue the request', returns: 'EAGAIN', becomes: 'ESTABLISHED' },
  'FIN-WAIT-1': { rfc: 'queue the request', returns: 'EAGAIN', becomes: 'FIN-WAIT-1' },
  'FIN-WAIT-2': { rfc: 'queue the request', returns: 'EAGAIN', becomes: 'FIN-WAIT-2' },
  // "connection closing" is the end of the stream.
  'CLOSE-WAIT': { rfc: isClosing, returns: 0, becomes: 'CLOSE-WAIT' },
  CLOSING: { rfc: isClosing, returns: 0, becomes: 'CLOSING' },
  'LAST-ACK': { rfc: isClosing, returns: 0, becomes: 'LAST-ACK' },
  'TIME-WAIT': { rfc: isClosing, returns: 0, becomes: 'TIME-WAIT' },
};

/** "An 'ok' response would be acceptable, too, as long as a second FIN is not emitted": Linux gives it in nearly all states. */
const CLOSE: Readonly<Record<TcpState, Outcome>> = {
  CLOSED: { rfc: isNone, returns: 'ENOTCONN', becomes: 'CLOSED' },
  // close(2) does it, see ABORT, and SHUT_RD; a listener has nothing to send.
  LISTEN: { rfc: 'delete TCB', returns: 0, becomes: 'LISTEN' },
  'SYN-SENT': { rfc: 'delete the TCB', returns: 0, becomes: 'CLOSED' },
  'SYN-RECEIVED': { rfc: 'queue until ESTABLISHED', returns: 0, becomes: 'SYN-RECEIVED' },
  ESTABLISHED: { rfc: 'send a FIN', returns: 0, becomes: 'FIN-WAIT-1', sends: ['ACK,FIN'] },
  'FIN-WAIT-1': { rfc: isClosing, returns: 0, becomes: 'FIN-WAIT-1' },
  'FIN-WAIT-2': { rfc: isClosing, returns: 0, becomes: 'FIN-WAIT-2' },
  'CLOSE-WAIT': { rfc: 'send a FIN', returns: 0, becomes: 'LAST-ACK', sends: ['ACK,FIN'] },
  CLOSING: { rfc: isClosing, returns: 0, becomes: 'CLOSING' },
  'LAST-ACK': { rfc: isClosing, returns: 0, becomes: 'LAST-ACK' },
  // To Linux's socket this is the end already.
  'TIME-WAIT': { rfc: isClosing, returns: 'ENOTCONN', becomes: 'TIME-WAIT' },
};

/** close(2) with SO_LINGER of 0. In POSIX one may always give a descriptor back. */
const ABORT: Readonly<Record<TcpState, Outcome>> = {
  CLOSED: { rfc: isNone, returns: 0, becomes: 'CLOSED' },
  LISTEN: { rfc: 'delete TCB', returns: 0, becomes: 'CLOSED' },
  'SYN-SENT': { rfc: 'delete the TCB', returns: 0, becomes: 'CLOSED' },
  'SYN-RECEIVED': { rfc: 'send a reset', returns: 0, becomes: 'CLOSED', sends: reset },
  ESTABLISHED: { rfc: 'send a reset', returns: 0, becomes: 'CLOSED', sends: reset },
  'FIN-WAIT-1': { rfc: 'send a reset', returns: 0, becomes: 'CLOSED', sends: reset },
  'FIN-WAIT-2': { rfc: 'send a reset', returns: 0, becomes: 'CLOSED', sends: reset },
  'CLOSE-WAIT': { rfc: 'send a reset', returns: 0, becomes: 'CLOSED', sends: reset },
  CLOSING: { rfc: 'ok, delete the TCB', returns: 0, becomes: 'CLOSED' },
  'LAST-ACK': { rfc: 'ok, delete the TCB', returns: 0, becomes: 'CLOSED' },
  'TIME-WAIT': { rfc: 'ok, delete the TCB', returns: 0, becomes: 'CLOSED' },
};

const STATES = Object.keys(BUILD) as TcpState[];

const CALLS: Readonly<Record<Exclude<Call, 'STATUS'>, (stage: Stage) => number>> = {
  OPEN: ({ world, host, fd }) => host.sys.connect(fd, world.host(1).address, 99),
  SEND: ({ host, fd }) => host.sys.write(fd, Uint8Array.of(7)),
  RECEIVE: ({ host, fd }) => host.sys.read(fd, new Uint8Array(10)),
  CLOSE: ({ host, fd }) => host.sys.shutdown(fd, SHUT_WR),
  ABORT: ({ host, fd }) => {
    host.sys.setsockopt(fd, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    return host.sys.close(fd);
  },
};

function stateOf({ host, fd }: Stage): TcpState {
  return host.sockets().find((view) => view.fd === fd)?.state ?? 'CLOSED';
}

describe.each([
  ['OPEN', '§3.10.1', OPEN],
  ['SEND', '§3.10.2', SEND],
  ['RECEIVE', '§3.10.3', RECEIVE],
  ['CLOSE', '§3.10.4', CLOSE],
  ['ABORT', '§3.10.5', ABORT],
] as const)('%s (RFC 9293 %s)', (call, _section, table) => {
  test.each(STATES.map((state) => [state, table[state].rfc, table[state].returns] as const))(
    'in %s: "%s", which is %s',
    (state) => {
      const stage = BUILD[state]();
      expect(stateOf(stage)).toBe(state);
      const { returns, becomes, sends = [] } = table[state];
      losing(stage).world.log.length = 0;
      expect(said(CALLS[call](stage))).toBe(returns);
      expect(stateOf(stage)).toBe(becomes);
      stage.world.settle();
      expect(stage.world.sentBy(0).map(({ kind }) => kind)).toEqual(sends);
      if (call === 'ABORT')
        expect(states(stage.host).filter((left) => left !== 'LISTEN' || state === 'LISTEN')).toEqual([]);
    },
  );
});

describe('STATUS (RFC 9293 §3.10.6)', () => {
  test.each(STATES)('in %s says so', (state) => {
    const { host, fd } = BUILD[state]();
    expect(viewOf(host, fd).state).toBe(state);
  });
});

describe('RECEIVE of what is on hand (RFC 9293 §3.10.3)', () => {
  const withData = (): ReturnType<typeof open> => {
    const stage = open();
    stage.peer.sys.write(stage.peerFd, Uint8Array.of(1, 2, 3));
    stage.world.settle();
    return stage;
  };
  test.each([
    ['ESTABLISHED', withData],
    ['FIN-WAIT-2', () => shut(withData())],
    ['CLOSE-WAIT', () => shutByPeer(withData())],
    // "users should continue to RECEIVE on CLOSING connections" — §3.9.1.4
    ['LAST-ACK', () => shut(losing(shutByPeer(withData())))],
  ] as const)('in %s satisfies the request', (state, build) => {
    const stage = build();
    expect(stateOf(stage)).toBe(state);
    expect(CALLS.RECEIVE(stage)).toBe(3);
  });
});
