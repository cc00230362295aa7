/** The listings of this stack beside the kernel's files and `ss`, for the same connections: names, columns, and values that time does not change. */

import { whyNoNamespaces } from '@tcpstack/netns/requirements';
import { AF_INET, AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, SHUT_WR, SOCK_DGRAM } from '@tcpstack/sockets/constants';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KernelHosts } from '../src/kernel-hosts.ts';
import { ourHosts } from '../src/our-hosts.ts';
import { bytes, CLIENT, CLIENT6, type Hosts, room, SERVER, SERVER6 } from '../src/trial.ts';

const reason = whyNoNamespaces('nsenter');

let kernel: KernelHosts | undefined;
let linux: Hosts;
const ours = ourHosts();

beforeAll(() => {
  if (reason !== undefined) return;
  kernel = new KernelHosts();
  linux = kernel.begin();
  for (const hosts of [ours, linux]) situation(hosts);
});

afterAll(() => kernel?.end());

/** Listeners of both families, connections with something unread, one half closed, one in TIME-WAIT, datagram sockets. */
function situation(hosts: Hosts): void {
  const { server, client } = hosts;
  const settled = <T>(result: T): T => {
    hosts.settle();
    return result;
  };
  const l = server.socket();
  server.bind(l, '0.0.0.0', 80);
  server.listen(l, 5);
  const l6 = server.socket(AF_INET6);
  server.bind(l6, '::', 81);
  server.listen(l6, 7);
  const open = (port: number, own: number) => {
    const c = client.socket(port === 81 ? AF_INET6 : AF_INET);
    client.bind(c, port === 81 ? '::' : CLIENT, own);
    settled(client.connect(c, port === 81 ? SERVER6 : SERVER, port));
    return { c, s: server.accept(port === 81 ? l6 : l) };
  };
  const used = open(80, 5001);
  settled(client.write(used.c, bytes('a question')));
  server.read(used.s, room(100));
  settled(server.write(used.s, bytes('an answer')));
  const half = open(80, 5002);
  settled(client.shutdown(half.c, SHUT_WR));
  // Until then the kernel counts the FIN among what waits to be read.
  server.read(half.s, room(1));
  open(81, 5003);
  const over = open(80, 5004);
  settled(client.close(over.c));
  settled(server.close(over.s));
  settled(client.connect(client.socket(), SERVER, 80));
  const d = server.socket(AF_INET, SOCK_DGRAM);
  server.bind(d, SERVER, 90);
  const d6 = server.socket(AF_INET6, SOCK_DGRAM);
  server.bind(d6, '::', 91);
  const only6 = server.socket(AF_INET6, SOCK_DGRAM);
  server.setsockopt(only6, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  server.bind(only6, '::', 92);
  const peers = [server.socket(AF_INET, SOCK_DGRAM), server.socket(AF_INET6, SOCK_DGRAM)] as const;
  server.bind(peers[0], SERVER, 93);
  server.connect(peers[0], CLIENT, 94);
  server.bind(peers[1], '::', 93);
  server.connect(peers[1], CLIENT6, 94);
  // Delayed ACKs leave, and the kernel's timers that they stop.
  hosts.pass(300);
}

/** Where a FIN that came counts with Linux, as a byte and as what an ACK waits for: docs/deviations.md. */
const FIN_COUNTED = [
  [' 20 4 0 10 -1', ' 20 0 0 10 -1'],
  [
    '; ts sack reno mss:1448 pmtu:1500 advmss:1448 cwnd:10 bytes_received:1 ',
    '; ts sack reno mss:1448 pmtu:1500 advmss:1448 cwnd:10 ',
  ],
] as const;

/** The kernel's lines as they would be without. */
function withoutFin(lines: readonly string[], isHalfClosed: RegExp): string[] {
  return lines.map((line) => {
    if (!isHalfClosed.test(line)) return line;
    return FIN_COUNTED.reduce((text, [linux, own]) => text.replace(linux, own), line);
  });
}

/** Numbers that are of the machine or of the clock: inodes and who refers to them, addresses in memory, times, and ports that were chosen. */
function comparable(text: string): string[] {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const told = lines.map((line) =>
    line
      .replace(/^ *\d+: /, '')
      .replace(/ (\d\d):[\dA-F]{8} /, ' $1:when ')
      .replace(/ \d+ \d+ [\da-f]{16}( .*)?$/, (_, more = '') => ` inode references pointer${more}`)
      .replace(/:([89A-F][\dA-F]{3})\b/g, ':port')
      .replace(/ {2,}/g, ' ')
      .trimEnd(),
  );
  return [head, ...told.sort()];
}

const lengths = (text: string): number[] => text.split('\n').map((line) => line.length);

describe.skipIf(reason !== undefined)('the files below /proc/net', () => {
  for (const who of ['server', 'client'] as const) {
    for (const file of ['net/tcp', 'net/tcp6', 'net/udp', 'net/udp6']) {
      test(`${file} of the ${who}: the same head, lines and columns`, () => {
        const [a, b] = [ours.proc(who, file), linux.proc(who, file)];
        expect(comparable(a)).toEqual(withoutFin(comparable(b), / 08 0/));
        if (!file.endsWith('6')) expect(lengths(a)).toEqual(lengths(b));
      });
    }
    test(`net/sockstat and net/sockstat6 of the ${who}: as many sockets of each kind`, () => {
      for (const file of ['net/sockstat', 'net/sockstat6']) {
        const kernels = new Map(
          linux
            .proc(who, file)
            .split('\n')
            .map((line) => [line.split(':')[0], line]),
        );
        for (const line of ours.proc(who, file).trimEnd().split('\n')) {
          const known = kernels.get(line.split(':')[0]) ?? '';
          // What is allocated, orphaned and used at all is of the whole machine.
          const counted = (text: string) =>
            text.replace(/ (mem|alloc|orphan) \d+/g, '').replace(/^sockets: used \d+/, 'sockets: used');
          expect(counted(line)).toBe(counted(known));
        }
      }
    });
  }

  for (const file of ['net/snmp', 'net/netstat']) {
    test(`${file}: groups and names are the kernel's, in its order`, () => {
      const kernels = groups(linux.proc('server', file));
      for (const [group, names] of groups(ours.proc('server', file))) {
        const known = kernels.get(group) ?? [];
        expect(known.filter((name) => names.includes(name))).toEqual(names);
      }
    });
  }
});

/** The lines of names. */
function groups(text: string): Map<string, string[]> {
  const lines = text.split('\n').filter((_, i) => i % 2 === 0 && text !== '');
  return new Map(
    lines
      .filter((line) => line !== '')
      .map((line) => [line.split(': ')[0] ?? '', line.split(': ')[1]?.split(' ') ?? []]),
  );
}

/** What of the second line of `ss -i` is the same each time. */
const STEADY = /^(ts|sack|ecn|reno|mss:|pmtu:|advmss:|cwnd:|bytes_sent:|bytes_received:|segs_|data_segs_)/;

describe.skipIf(reason !== undefined)('ss -tanio', () => {
  for (const who of ['server', 'client'] as const) {
    test(`of the ${who}: the same sockets with the same queues and ends, and the same steady numbers`, () => {
      expect(listing(ours.ss(who))).toEqual(withoutFin(listing(linux.ss(who)), /^CLOSE-WAIT/));
    });
  }
});

describe.skipIf(reason !== undefined)('ss -uan', () => {
  for (const who of ['server', 'client'] as const) {
    test(`of the ${who}: the same sockets of datagrams, line by line`, () => {
      const lines = (text: string): string[] => listing(text).map((line) => line.replace(/ +$/, ''));
      expect(lines(ours.ss(who, 'udp'))).toEqual(lines(linux.ss(who, 'udp')));
    });
  }
  test('the server has five, two of them connected', () => {
    expect(listing(ours.ss('server', 'udp')).map((line) => line.split(' ')[0])).toEqual([
      ...['ESTAB', 'ESTAB'],
      ...['UNCONN', 'UNCONN', 'UNCONN'],
    ]);
  });
});

/** Each socket by its state, queues and ends, with the steady words of its second line. */
function listing(text: string): string[] {
  const rows: string[] = [];
  for (const line of text.trimEnd().split('\n').slice(1)) {
    const isSecond = /^\s/.test(line);
    const words = line.trim().split(/\s+/);
    if (isSecond) rows.push(`${rows.pop()}; ${words.filter((word) => STEADY.test(word)).join(' ')}`.trimEnd());
    else
      rows.push(
        words
          .slice(0, 5)
          .join(' ')
          .replace(/:\d{5}\b/g, ':port'),
      );
  }
  // Of listeners we tell no more than the first line.
  return rows.map((row) => (row.startsWith('LISTEN') ? (row.split(';')[0] ?? '') : row.replace(/;$/, ''))).sort();
}
