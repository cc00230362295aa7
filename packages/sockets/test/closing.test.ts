/** Closing as the story tells it: four segments, half-close, resets, and what is left behind. */

import { describe, expect, test } from 'vitest';
import { AF_INET, AF_INET6, SHUT_RD, SHUT_RDWR, SHUT_WR, SO_LINGER, SOL_SOCKET } from '../src/constants.ts';
import { connected, connecting, drain, expectNothingLeft, listening, said, states, viewOf } from './calls.ts';
import { pattern } from './packets.ts';
import { addressOf, FAMILIES, World } from './world.ts';

describe.each(FAMILIES)('over %s', (_, family) => {
  const domain = family === 4 ? AF_INET : AF_INET6;
  const byte = new Uint8Array(1);

  describe('the orderly close (RFC 9293 §3.6, figure 12)', () => {
    test('FIN, ACK, FIN, ACK; FIN-WAIT-2 and CLOSE-WAIT, then TIME-WAIT and gone; the reader is told of the end [MUST-12]', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      client.sys.close(c);
      world.settle();
      expect(world.takeKinds()).toEqual(['ACK,FIN', 'ACK']);
      expect(states(client)).toEqual(['FIN-WAIT-2']);
      expect(viewOf(server, s).state).toBe('CLOSE-WAIT');
      expect(drain(server, s).end).toBe(0);
      server.sys.close(s);
      world.settle();
      expect(world.takeKinds()).toEqual(['ACK,FIN', 'ACK']);
      expectNothingLeft(server);
      expect(client.sockets()).toMatchObject([{ fd: -1, state: 'TIME-WAIT', remote: { port: 80 } }]);
      expect(client.bufferBytes()).toBe(0);
      world.run(59_999);
      expect(states(client)).toEqual(['TIME-WAIT']);
      world.run(1);
      expectNothingLeft(client);
      expect(world.log).toEqual([]);
    });

    test('bytes written before close(2) arrive, and the FIN takes one number behind them', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      client.sys.write(c, pattern(100_000));
      client.sys.close(c);
      world.settle();
      expect(drain(server, s)).toEqual({ bytes: pattern(100_000), end: 0 });
      server.sys.close(s);
      world.settle();
      const fin = world.sentBy(1).find(({ kind }) => kind.includes('FIN'));
      const end = (fin?.tcp?.seq ?? 0) + (fin?.payloadBytes ?? 0) + 1;
      expect(world.sentBy(0).at(-1)?.tcp?.ack).toBe(end >>> 0);
      expect(states(client)).toEqual(['TIME-WAIT']);
      expectNothingLeft(server);
    });

    test('both close at once: CLOSING, then both in TIME-WAIT (RFC 9293 §3.6, figure 13)', () => {
      const world = new World({ family, delayMs: 10 });
      const { server, client, s, c } = connected(world);
      client.sys.close(c);
      server.sys.close(s);
      world.run(10);
      expect([...states(client), ...states(server)]).toEqual(['CLOSING', 'LISTEN', 'CLOSING']);
      world.run(10);
      expect([...states(client), ...states(server)]).toEqual(['TIME-WAIT', 'LISTEN', 'TIME-WAIT']);
      expect(world.takeKinds()).toEqual(['ACK,FIN', 'ACK,FIN', 'ACK', 'ACK']);
      world.run(60_000);
      expectNothingLeft(client);
      expectNothingLeft(server);
    });

    test('a lost last ACK: the FIN comes again and TIME-WAIT answers it, and starts anew (RFC 9293 §3.10.7.4)', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      client.sys.close(c);
      world.settle();
      server.sys.close(s);
      world.passes = ({ from, kind }) => !(from === addressOf(family, 1) && kind === 'ACK');
      world.settle();
      expect(states(server)).toEqual(['LISTEN', 'LAST-ACK']);
      world.passes = () => true;
      world.run(59_000);
      expectNothingLeft(server);
      const againMs = world.sentBy(0).at(-1)?.sentAtMs ?? 0;
      expect(againMs).toBeGreaterThan(0);
      world.run(60_000 + againMs - world.nowMs - 1);
      expect(states(client)).toEqual(['TIME-WAIT']);
      world.run(1);
      expectNothingLeft(client);
    });
  });

  describe('shutdown(2)', () => {
    test('SHUT_WR: the peer reads the end, and may still send (half-close)', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      expect(said(client.sys.shutdown(c, SHUT_WR))).toBe(0);
      world.settle();
      expect(viewOf(client, c).state).toBe('FIN-WAIT-2');
      expect(drain(server, s).end).toBe(0);
      server.sys.write(s, pattern(20_000));
      world.settle();
      expect(drain(client, c)).toEqual({ bytes: pattern(20_000), end: 'EAGAIN' });
      // Without close(2) of the descriptor FIN-WAIT-2 lasts as long as the peer likes.
      world.run(3_600_000);
      expect(viewOf(client, c).state).toBe('FIN-WAIT-2');
      server.sys.shutdown(s, SHUT_WR);
      world.settle();
      expect(drain(client, c).end).toBe(0);
      expect(viewOf(client, c).state).toBe('TIME-WAIT');
      expect(viewOf(server, s).state).toBe('CLOSED');
    });

    test('SHUT_RD: read(2) gives what is there and then 0; nothing is told to the peer', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      server.sys.write(s, pattern(10));
      world.settle();
      world.log.length = 0;
      expect(said(client.sys.shutdown(c, SHUT_RD))).toBe(0);
      world.settle();
      expect(world.log).toEqual([]);
      expect(drain(client, c)).toEqual({ bytes: pattern(10), end: 0 });
      expect(client.sys.write(c, byte)).toBe(1);
    });

    test('SHUT_RDWR does both', () => {
      const world = new World({ family });
      const { client, c } = connected(world);
      expect(said(client.sys.shutdown(c, SHUT_RDWR))).toBe(0);
      expect(said(client.sys.read(c, byte))).toBe(0);
      expect(said(client.sys.write(c, byte))).toBe('EPIPE');
      world.settle();
      expect(viewOf(client, c).state).toBe('FIN-WAIT-2');
    });

    test('ENOTCONN without a connection or after its end, EINVAL for no such direction', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      expect(said(client.sys.shutdown(client.sys.socket(domain), SHUT_WR))).toBe('ENOTCONN');
      for (const how of [-1, 3, 0.5]) expect(said(client.sys.shutdown(c, how))).toBe('EINVAL');
      server.sys.setsockopt(s, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
      server.sys.close(s);
      world.settle();
      expect(said(client.sys.shutdown(c, SHUT_WR))).toBe('ENOTCONN');
    });

    test('in SYN-SENT it ends the attempt, and the socket may connect again and read', () => {
      const world = new World({ family });
      const [server, client] = [world.host(0), world.host(1)];
      const listener = listening(server);
      const c = connecting(client, server);
      expect(said(client.sys.shutdown(c, SHUT_RDWR))).toBe(0);
      expect(viewOf(client, c).state).toBe('CLOSED');
      expect(said(client.sys.connect(c, addressOf(family, 0), 80))).toBe('EINPROGRESS');
      world.settle();
      server.sys.write(server.sys.accept(listener), pattern(5));
      world.settle();
      expect(drain(client, c)).toEqual({ bytes: pattern(5), end: 'EAGAIN' });
    });
  });

  describe('close(2) that resets', () => {
    test('unread data: the peer learns by RST that it was lost (RFC 9293 §3.6.1 [SHLD-3]), and its reader by ECONNRESET [MUST-12]', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      client.sys.write(c, pattern(10));
      world.settle();
      world.log.length = 0;
      server.sys.close(s);
      world.settle();
      expect(world.takeKinds()).toEqual(['ACK,RST']);
      expect(said(client.sys.read(c, byte))).toBe('ECONNRESET');
      expectNothingLeft(server);
    });

    test('however many connections end at once, every peer is told', () => {
      const world = new World({ family });
      const [server, client] = [world.host(0), world.host(1)];
      const listener = listening(server, 1000);
      const fds = Array.from({ length: 700 }, () => connecting(client, server));
      world.settle();
      expect(viewOf(server, listener).acceptQueueLength).toBe(700);
      server.sys.close(listener);
      world.settle();
      expect(fds.filter((fd) => said(client.sys.read(fd, byte)) === 'ECONNRESET')).toHaveLength(700);
      expect(server.counters()).toMatchObject({ resetsSent: 700, resetsDropped: 0 });
      expectNothingLeft(server);
    });

    test('SO_LINGER with 0 seconds: RST, also with bytes still to send', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      client.sys.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
      client.sys.write(c, pattern(10));
      client.sys.close(c);
      world.settle();
      expect(world.takeKinds()).toEqual(['ACK,RST']);
      expect(drain(server, s)).toEqual({ bytes: new Uint8Array(0), end: 'ECONNRESET' });
      expectNothingLeft(client);
    });

    test('data that arrives after close(2): RST, and the connection is gone (RFC 9293 §3.6.1 [MAY-1] [SHLD-3])', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      client.sys.close(c);
      world.settle();
      world.log.length = 0;
      server.sys.write(s, byte);
      world.settle();
      expect(world.takeKinds()).toEqual(['ACK,PSH', 'RST']);
      expectNothingLeft(client);
      expect(client.counters().dataAfterClose).toBe(1);
      expect(said(server.sys.write(s, byte))).toBe('EPIPE');
    });
  });

  describe('connections that no descriptor refers to', () => {
    test('FIN-WAIT-2 ends after tcp_fin_timeout, and a FIN that comes later is reset', () => {
      const world = new World({ family, settings: { finTimeoutMs: 5000 } });
      const { server, client, s, c } = connected(world);
      client.sys.close(c);
      world.run(4999);
      expect(states(client)).toEqual(['FIN-WAIT-2']);
      world.run(1);
      expectNothingLeft(client);
      world.log.length = 0;
      server.sys.close(s);
      world.settle();
      expect(world.takeKinds()).toEqual(['ACK,FIN', 'RST']);
      expectNothingLeft(server);
    });

    test('the same when the FIN was acknowledged before close(2)', () => {
      const world = new World({ family, settings: { finTimeoutMs: 5000 } });
      const { client, c } = connected(world);
      client.sys.shutdown(c, SHUT_WR);
      world.run(60_000);
      client.sys.close(c);
      world.run(4999);
      expect(states(client)).toEqual(['FIN-WAIT-2']);
      world.run(1);
      expectNothingLeft(client);
    });

    test('a peer that is gone: the FIN is sent 16 times and then the connection ends (tcp_retries2)', () => {
      const world = new World({ family });
      const { client, c } = connected(world);
      world.passes = () => false;
      client.sys.write(c, pattern(3000));
      client.sys.close(c);
      world.run(3_600_000);
      expectNothingLeft(client);
    });
  });
});
