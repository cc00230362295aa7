/** What a Host shows of itself in the kernel's words: `/proc/net/...`, `ss`, and counters by the kernel's names. */

import { SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { AF_INET, SHUT_WR, SO_RCVBUF, SOCK_DGRAM, SOL_SOCKET } from '../src/constants.ts';
import { MIB_ROWS } from '../src/views/mib.ts';
import { connected, connecting, listening } from './calls.ts';
import { pattern, segment } from './packets.ts';
import { FAMILIES, World } from './world.ts';

/** The lines of a file without the one of names. */
function lines(text: string | null): string[] {
  return (text ?? '').split('\n').slice(1, -1);
}

/** Columns as programs read them. */
function columns(line: string | undefined): string[] {
  return (line ?? '').trim().split(/\s+/);
}

describe('/proc/net/tcp', () => {
  test('a listener and a connection, byte for byte as the kernel prints them', () => {
    const world = new World();
    const { server, client, c } = connected(world);
    client.sys.write(c, pattern(100));
    world.settle();
    expect((server.proc('net/tcp') ?? '').split('\n')).toEqual([
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'.padEnd(149),
      '   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0000000000000000 100 0 0 10 0'.padEnd(
        149,
      ),
      '   1: 0100000A:0050 0200000A:D056 01 00000000:00000064 00:00000000 00000000     0        0 2 1 0000000000000000 20 4 30 10 -1'
        .replace('D056', (server.sockets()[1]?.remote?.port ?? 0).toString(16).toUpperCase().padStart(4, '0'))
        .padEnd(149),
      '',
    ]);
    expect(server.proc('/proc/net/tcp')).toBe(server.proc('net/tcp'));
    expect(server.proc('net/nothing')).toBeNull();
    expect(server.proc('toString')).toBeNull();
  });

  test('IPv6 addresses are four words, each as memory holds it, and lines end where they end', () => {
    const world = new World({ family: 6 });
    const { server } = connected(world);
    const text = server.proc('net/tcp6') ?? '';
    expect(text.split('\n')[0]).toBe(
      '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    );
    const [listener, connection] = lines(text);
    expect(listener).toMatch(
      /^ {3}0: 0{32}:0050 0{32}:0000 0A 0{8}:0{8} 00:0{8} 0{8} {5}0 {8}0 \d+ 1 0{16} 100 0 0 10 0$/,
    );
    expect(connection).toMatch(/^ {3}1: 000000FD0{16}01000000:0050 000000FD0{16}02000000:[\dA-F]{4} 01 /);
    expect(lines(server.proc('net/tcp'))).toEqual([]);
  });

  test('half-open connections have the number of SYN-RECV, their timer, and no inode', () => {
    const world = new World();
    const server = world.host(0);
    listening(server);
    world.inject(segment({ flags: SYN })).settle();
    expect(columns(lines(server.proc('net/tcp'))[1]).slice(3)).toEqual([
      ...['03', '00000000:00000000', '01:00000064', '00000000', '0', '0', '0', '0', '0000000000000000'],
    ]);
    world.run(1500);
    expect(columns(lines(server.proc('net/tcp'))[1]).slice(5, 7)).toEqual(['01:00000096', '00000001']);
  });

  test('a SYN and a FIN wait to be acknowledged as one byte each, and the timer that runs is named', () => {
    const world = new World();
    const { client, server, c } = connected(world);
    world.passes = () => false;
    client.sys.write(c, pattern(50));
    client.sys.shutdown(c, SHUT_WR);
    const other = connecting(client, server, 81);
    world.settle();
    const [ending, opening] = lines(client.proc('net/tcp')).map(columns);
    expect(ending?.slice(3, 5)).toEqual(['04', '00000033:00000000']);
    expect(ending?.[5]).toMatch(/^01:/);
    expect(opening?.slice(3, 6)).toEqual(['02', '00000001:00000000', '01:00000064']);
    expect(other).toBeGreaterThan(c);
  });

  test('TIME-WAIT has timer 3 and how long it still lasts', () => {
    const world = new World();
    const { client, server, c, s } = connected(world);
    client.sys.close(c);
    world.settle();
    server.sys.close(s);
    world.settle();
    world.run(10_000);
    expect(columns(lines(client.proc('net/tcp'))[0]).slice(3)).toEqual([
      ...['06', '00000000:00000000', '03:00001388', '00000000', '0', '0', '0', '3', '0000000000000000'],
    ]);
    expect(client.proc('net/sockstat')).toContain(' tw 1 ');
  });

  test('an inode stays with its socket, and nobody gets it again', () => {
    const host = new World().host(0);
    const first = listening(host, 1, 80);
    const inodeOf = (place: number) => columns(lines(host.proc('net/tcp'))[place])[9];
    const one = inodeOf(0);
    listening(host, 1, 81);
    const two = inodeOf(1);
    expect([inodeOf(0), inodeOf(1)]).toEqual([one, two]);
    host.sys.close(first);
    listening(host, 1, 82);
    expect(new Set([one, two, inodeOf(0), inodeOf(1)]).size).toBe(3);
  });
});

test('/proc/net/udp: ports, peers, what waits and what had no room, byte for byte as the kernel prints them', () => {
  const world = new World();
  const [one, other] = [world.host(0), world.host(1)];
  const receiver = one.sys.socket(AF_INET, SOCK_DGRAM);
  one.sys.bind(receiver, '0.0.0.0', 53);
  one.sys.setsockopt(receiver, SOL_SOCKET, SO_RCVBUF, 4096);
  const sender = other.sys.socket(AF_INET, SOCK_DGRAM);
  other.sys.bind(sender, '10.0.0.2', 1024);
  other.sys.connect(sender, '10.0.0.1', 53);
  world.settle();
  other.sys.write(sender, pattern(1000));
  world.settle();
  expect((one.proc('net/udp') ?? '').split('\n')).toEqual([
    '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops'.padEnd(
      127,
    ),
    '   53: 00000000:0035 00000000:0000 07 00000000:00000414 00:00000000 00000000     0        0 1 2 0000000000000000 0'.padEnd(
      127,
    ),
    '',
  ]);
  expect(columns(lines(other.proc('net/udp'))[0]).slice(1, 4)).toEqual(['0200000A:0400', '0100000A:0035', '01']);
  for (let i = 0; i < 20; i++) other.sys.write(sender, pattern(1000));
  world.settle();
  const drops = one.snmp()['Udp.RcvbufErrors'] ?? 0;
  expect(drops).toBeGreaterThan(0);
  expect(columns(lines(one.proc('net/udp'))[0]).at(-1)).toBe(String(drops));
  expect(one.proc('net/sockstat')).toContain('UDP: inuse 1\n');
});

describe('/proc/net/sockstat', () => {
  test('counts sockets, connections without one, and memory in pages', () => {
    const world = new World();
    const { server, client, c, s } = connected(world);
    client.sys.write(c, pattern(10_000));
    world.settle();
    expect(server.proc('net/sockstat')).toMatch(
      /^sockets: used 2\nTCP: inuse 2 orphan 0 tw 0 alloc 2 mem [1-9]\d*\nUDP: inuse 0\n$/,
    );
    expect(server.proc('net/sockstat6')).toBe('TCP6: inuse 0\nUDP6: inuse 0\n');
    server.sys.read(s, new Uint8Array(20_000));
    world.passes = () => false;
    server.sys.close(s);
    expect(server.proc('net/sockstat')).toMatch(
      /^sockets: used 1\nTCP: inuse 2 orphan 1 tw 0 alloc 2 mem 0\nUDP: inuse 0\n$/,
    );
  });
});

describe('ss', () => {
  test.each(FAMILIES)('%s: a line for each socket, and what TCP_INFO says of connections', (_, family) => {
    const world = new World({ family, delayMs: 10 });
    const { client, server, c } = connected(world);
    client.sys.write(c, pattern(3000));
    world.run(100);
    const [head, listener, connection, info] = server.ss().split('\n');
    expect(head).toMatch(/^State +Recv-Q Send-Q +Local Address:Port +Peer Address:Port$/);
    expect(listener).toMatch(/^LISTEN +0 +16 +(0\.0\.0\.0|\*):80 +(0\.0\.0\.0|\*):\*$/);
    expect(connection).toMatch(/^ESTAB +3000 +0 +(10\.0\.0\.1|\[fd00::1\]):80 +(10\.0\.0\.2|\[fd00::2\]):\d+$/);
    expect(info).toMatch(
      /^\t ts sack cubic wscale:8,8 rto:220 rtt:20\/\d+(\.\d+)? ato:40 mss:14\d\d pmtu:1500 advmss:14\d\d cwnd:10 bytes_received:3000 segs_out:\d segs_in:\d data_segs_in:3 send \d+bps lastrcv:\d+ /,
    );
    expect(client.ss({ remotePort: 80 })).toMatch(/ bytes_sent:3000 bytes_acked:3000 /);
  });

  test('lists sockets of datagrams when asked, and then no others', () => {
    const { server } = connected(new World());
    const open = (address: string, port: number, domain = 2): number => {
      const fd = server.sys.socket(domain, SOCK_DGRAM);
      expect(server.sys.bind(fd, address, port)).toBe(0);
      return fd;
    };
    open('0.0.0.0', 53);
    open('::', 54, 10);
    server.sys.connect(open('10.0.0.1', 55), '10.0.0.2', 9);
    server.sys.socket(2, SOCK_DGRAM);
    const lines = server.ss({ datagrams: true }).trimEnd().split('\n').slice(1);
    expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual([
      'UNCONN 0 0 0.0.0.0:53 0.0.0.0:*',
      'UNCONN 0 0 *:54 *:*',
      'ESTAB 0 0 10.0.0.1:55 10.0.0.2:9',
    ]);
    expect(
      server
        .ss({ datagrams: true, states: ['ESTABLISHED'] })
        .trimEnd()
        .split('\n'),
    ).toHaveLength(2);
  });

  test('is filtered by states and ports, and brief without the second lines', () => {
    const world = new World();
    const { server } = connected(world);
    listening(server, 3, 81);
    const shown = (text: string) => text.split('\n').slice(1, -1);
    expect(shown(server.ss({ brief: true }))).toHaveLength(3);
    expect(shown(server.ss({ states: ['LISTEN'] }))).toHaveLength(2);
    expect(shown(server.ss({ localPort: 81 }))).toHaveLength(1);
    expect(shown(server.ss({ remotePort: 9 }))).toEqual([]);
  });
});

describe("counters by the kernel's names", () => {
  test('every row is a number, and made of counters that there are', () => {
    const values = new World().host(0).snmp();
    expect(Object.keys(values)).toEqual(MIB_ROWS.map(({ name }) => name));
    expect(new Set(Object.keys(values)).size).toBe(MIB_ROWS.length);
    for (const [name, value] of Object.entries(values)) expect(value, name).not.toBeNaN();
  });

  test('a conversation is counted on both sides', () => {
    const world = new World();
    const { client, server, c, s } = connected(world);
    expect(client.snmp()).toMatchObject({
      'Tcp.ActiveOpens': 1,
      'Tcp.CurrEstab': 1,
      'Tcp.InSegs': 1,
      'Tcp.OutSegs': 2,
    });
    expect(server.snmp()).toMatchObject({
      'Tcp.PassiveOpens': 1,
      'Tcp.CurrEstab': 1,
      'Tcp.InSegs': 2,
      'Tcp.OutSegs': 1,
    });
    client.sys.write(c, pattern(20_000));
    client.sys.close(c);
    world.run(1000);
    server.sys.close(s);
    world.run(61_000);
    const [ours, theirs] = [client.snmp(), server.snmp()];
    expect(ours['Tcp.OutSegs']).toBe(theirs['Tcp.InSegs']);
    expect(ours['Tcp.InSegs']).toBe(theirs['Tcp.OutSegs']);
    expect(theirs['TcpExt.TCPAbortOnClose']).toBe(1);
    expect(theirs).toMatchObject({ 'Tcp.OutRsts': 1, 'Tcp.EstabResets': 1, 'Tcp.CurrEstab': 0, 'Tcp.AttemptFails': 0 });
  });

  test('a listener that is too busy, and a peer that is not there', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    listening(server, 0);
    connecting(client, server);
    connecting(client, server);
    world.run(100);
    expect(server.snmp()).toMatchObject({ 'TcpExt.ListenOverflows': 1, 'TcpExt.ListenDrops': 1 });
    world.passes = () => false;
    connecting(client, server, 5);
    world.run(1_000_000);
    const values = client.snmp();
    expect(values).toMatchObject({ 'Tcp.AttemptFails': 1, 'TcpExt.TCPAbortOnTimeout': 1 });
    expect(values['Tcp.RetransSegs']).toBeGreaterThan(5);
    expect(values['TcpExt.TCPSynRetrans']).toBe(values['Tcp.RetransSegs']);
    expect(values['TcpExt.TCPTimeouts']).toBe((values['Tcp.RetransSegs'] ?? 0) + 1);
  });

  test('TIME-WAIT that ran out is TW, and a refused connection a failed attempt', () => {
    const world = new World();
    const { client, server, c, s } = connected(world);
    client.sys.close(c);
    world.settle();
    server.sys.close(s);
    world.run(61_000);
    expect(client.snmp()).toMatchObject({ 'TcpExt.TW': 1, 'Tcp.EstabResets': 0 });
    connecting(client, server, 999);
    world.settle();
    expect(client.snmp()).toMatchObject({ 'Tcp.AttemptFails': 1, 'TcpExt.TCPAbortOnTimeout': 0 });
  });

  test('the files print each group as a line of names and a line of numbers', () => {
    const world = new World();
    world.host(0).proc('net/snmp');
    const { server } = connected(world);
    const [names = '', numbers = ''] = (server.proc('net/snmp') ?? '')
      .split('\n')
      .filter((line) => line.startsWith('Tcp: '));
    const at = names.split(' ').indexOf('PassiveOpens');
    expect([at > 0, numbers.split(' ')[at]]).toEqual([true, '1']);
    expect(numbers.split(' ')).toHaveLength(names.split(' ').length);
    expect(server.proc('net/netstat')).toMatch(/^TcpExt: SyncookiesSent .*\nTcpExt: 0 .*\nIpExt: .*\nIpExt: .*\n$/);
  });
});
