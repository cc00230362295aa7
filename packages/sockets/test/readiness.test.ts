/** poll(2)'s levels, and the edges of pollReady. */

import { describe, expect, test } from 'vitest';
import {
  AF_INET,
  AF_INET6,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLRDHUP,
  SO_LINGER,
  SO_SNDBUF,
  SOL_SOCKET,
} from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import { connected, connecting, drain, levels, listening } from './calls.ts';
import { pattern } from './packets.ts';
import { FAMILIES, World } from './world.ts';

describe.each(FAMILIES)('over %s', (_, family) => {
  const domain = family === 4 ? AF_INET : AF_INET6;
  /** Everything that pollReady reports now: descriptor and bits. */
  function edges(host: Host): [number, number][] {
    const into = new Int32Array(16);
    const pairs: [number, number][] = [];
    for (let n = 8; n === 8; ) {
      n = host.pollReady(into);
      for (let i = 0; i < n; i++) pairs.push([into[2 * i] as number, into[2 * i + 1] as number]);
    }
    return pairs;
  }

  describe('poll(2), levels as in Linux', () => {
    test('a fresh socket: POLLOUT and POLLHUP; a listener: POLLIN while somebody waits', () => {
      const world = new World({ family });
      const [server, client] = [world.host(0), world.host(1)];
      expect(levels(server, server.sys.socket(domain))).toBe(POLLOUT | POLLHUP);
      const listener = listening(server);
      expect(levels(server, listener)).toBe(0);
      connecting(client, server);
      world.settle();
      expect(levels(server, listener)).toBe(POLLIN);
      server.sys.accept(listener);
      expect(levels(server, listener)).toBe(0);
    });

    test('an open connection: POLLOUT; with bytes to read POLLIN too, until they are read', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      expect(levels(server, s)).toBe(POLLOUT);
      client.sys.write(c, pattern(10));
      world.settle();
      expect(levels(server, s)).toBe(POLLOUT | POLLIN);
      drain(server, s);
      expect(levels(server, s)).toBe(POLLOUT);
    });

    test('the peer closed its side: POLLIN and POLLRDHUP; both sides: POLLHUP too', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      client.sys.shutdown(c, 1);
      world.settle();
      expect(levels(server, s)).toBe(POLLIN | POLLOUT | POLLRDHUP);
      server.sys.shutdown(s, 1);
      expect(levels(server, s)).toBe(POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
      world.settle();
      expect(levels(server, s)).toBe(POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
      expect(levels(client, c)).toBe(POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
    });

    test('our own SHUT_RD: POLLIN and POLLRDHUP', () => {
      const { server, s } = connected(new World({ family }));
      server.sys.shutdown(s, 0);
      expect(levels(server, s)).toBe(POLLIN | POLLOUT | POLLRDHUP);
    });

    test('a reset: all bits; POLLERR until the error was told', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      client.sys.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
      client.sys.close(c);
      world.settle();
      const all = POLLIN | POLLOUT | POLLRDHUP | POLLHUP;
      expect(levels(server, s)).toBe(all | POLLERR);
      drain(server, s);
      expect(levels(server, s)).toBe(all);
    });

    test('answers what was asked, POLLERR and POLLHUP always, POLLNVAL for no descriptor, nothing for a negative one', () => {
      const world = new World({ family });
      const { server, s } = connected(world);
      const fresh = server.sys.socket(domain);
      const fds = [
        { fd: s, events: POLLIN, revents: 99 },
        { fd: s, events: POLLOUT, revents: 0 },
        { fd: fresh, events: 0, revents: 0 },
        { fd: 77, events: POLLIN, revents: 0 },
        { fd: 0, events: POLLIN, revents: 0 },
        { fd: -1, events: POLLIN, revents: 99 },
      ];
      expect(server.sys.poll(fds)).toBe(4);
      expect(fds.map(({ revents }) => revents)).toEqual([0, POLLOUT, POLLHUP, POLLNVAL, POLLNVAL, 0]);
      expect(server.sys.poll([])).toBe(0);
    });
  });

  describe('pollReady: each descriptor once after something happened to it, with its level now', () => {
    test('a connection that opens, gets bytes, and ends', () => {
      const world = new World({ family });
      const [server, client] = [world.host(0), world.host(1)];
      const listener = listening(server);
      const c = connecting(client, server);
      expect(edges(client)).toEqual([]);
      world.settle();
      expect(edges(client)).toEqual([[c, POLLOUT]]);
      expect(edges(client)).toEqual([]);
      expect(edges(server)).toEqual([[listener, POLLIN]]);
      expect(edges(server)).toEqual([]);

      const s = server.sys.accept(listener);
      expect(edges(server)).toEqual([[s, POLLOUT]]);
      client.sys.write(c, pattern(3000));
      client.sys.write(c, pattern(3000));
      world.settle();
      expect(edges(server)).toEqual([[s, POLLIN | POLLOUT]]);
      // Nothing new happened: no edge, though bytes still wait.
      expect(edges(server)).toEqual([]);
      expect(levels(server, s) & POLLIN).toBe(POLLIN);
      client.sys.write(c, pattern(1));
      world.settle();
      expect(edges(server)).toEqual([[s, POLLIN | POLLOUT]]);
      client.sys.shutdown(c, 1);
      world.settle();
      expect(edges(server)).toEqual([[s, POLLIN | POLLOUT | POLLRDHUP]]);
      expect(edges(client)).toEqual([[c, POLLOUT]]);
    });

    test('bytes that came before accept(2) are reported with the new descriptor', () => {
      const world = new World({ family });
      const [server, client] = [world.host(0), world.host(1)];
      const listener = listening(server);
      const c = connecting(client, server);
      world.settle();
      client.sys.write(c, pattern(10));
      world.settle();
      expect(edges(server)).toEqual([[listener, POLLIN]]);
      const s = server.sys.accept(listener);
      expect(edges(server)).toEqual([[s, POLLIN | POLLOUT]]);
    });

    test('room in a send buffer is an edge only for one who met it full', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      edges(client);
      client.sys.write(c, pattern(10));
      world.settle();
      drain(server, s);
      world.run(100);
      expect(edges(client)).toEqual([]);
      client.sys.setsockopt(c, SOL_SOCKET, SO_SNDBUF, 4096);
      expect(client.sys.write(c, pattern(5000))).toBe(4096);
      world.run(100);
      expect(edges(client)).toEqual([[c, POLLOUT]]);
    });

    test('a descriptor that was closed meanwhile is not reported, nor is its number for another socket', () => {
      const world = new World({ family });
      const { server, client, s, c } = connected(world);
      edges(server);
      client.sys.write(c, pattern(10));
      world.settle();
      server.sys.close(s);
      expect(server.sys.socket(domain)).toBe(s);
      expect(edges(server)).toEqual([]);
    });

    test('more descriptors than fit are handed out by further calls, none lost and none twice', () => {
      const world = new World({ family });
      const [server, client] = [world.host(0), world.host(1)];
      listening(server, 64);
      const fds = Array.from({ length: 21 }, () => connecting(client, server));
      world.settle();
      const into = new Int32Array(8);
      const seen: number[] = [];
      const counts: number[] = [];
      for (let n = 4; n === 4; ) {
        n = client.pollReady(into);
        counts.push(n);
        for (let i = 0; i < n; i++) seen.push(into[2 * i] as number);
      }
      expect(counts).toEqual([4, 4, 4, 4, 4, 1]);
      expect(seen.sort((a, b) => a - b)).toEqual(fds);
    });
  });
});
