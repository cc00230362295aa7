/** Options of both IP versions, of interfaces, and what of them is seen on the wire. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { type DecodedPacket, decodePacket } from '@tcpstack/wire/decode';
import { describe, expect, test } from 'vitest';
import {
  AF_INET,
  AF_INET6,
  IP_MTU_DISCOVER,
  IP_PMTUDISC_DO,
  IP_PMTUDISC_WANT,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MTU,
  IPV6_MTU_DISCOVER,
  IPV6_RECVERR,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  SO_BINDTODEVICE,
  SO_DOMAIN,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../src/constants.ts';
import { Host } from '../src/host.ts';
import type { OptionValue } from '../src/syscalls.ts';
import { connected, said } from './calls.ts';
import { pattern } from './packets.ts';
import { entropy, World } from './world.ts';

/** Two hosts of both versions, 10.0.0.1 with fd00::1 and 10.0.0.2 with fd00::2; what both sent. */
class Pair {
  readonly hosts = [1, 2].map(
    (i) =>
      new Host({
        address: `10.0.0.${i}`,
        prefixBits: 24,
        moreAddresses: [`fd00::${i}/64`],
        mtuBytes: 1500,
        entropy: entropy(i),
      }),
  );
  readonly log: DecodedPacket[] = [];
  readonly server = this.hosts[0] as Host;
  readonly client = this.hosts[1] as Host;
  readonly #batch = new PacketBatch();

  settle(): this {
    for (let quiet = 0; quiet < 2; ) {
      quiet++;
      for (const host of this.hosts) {
        this.#batch.clear();
        host.pollTransmit(0, this.#batch);
        if (this.#batch.count > 0) quiet = 0;
        this.#deliver(host === this.server ? this.client : this.server);
      }
    }
    return this;
  }

  #deliver(to: Host): void {
    const batch = this.#batch;
    for (let i = 0; i < batch.count; i++) {
      const at = batch.offsetAt(i);
      this.log.push(decodePacket(batch.arena.slice(at, at + batch.lengthAt(i))));
    }
    if (batch.count > 0) to.handlePackets(0, batch);
  }
}

/** Sets an option, and reads it. */
function trial({ sys }: Host, domain: number, level: number, name: number) {
  const fd = sys.socket(domain, SOCK_STREAM);
  const give = (value: OptionValue) => {
    const outcome = said(sys.setsockopt(fd, level, name, value));
    return outcome === 0 ? sys.getsockopt(fd, level, name) : outcome;
  };
  return { fd, give, first: said(sys.getsockopt(fd, level, name)) };
}

const of6 = (name: number) => trial(new Pair().server, AF_INET6, IPPROTO_IPV6, name);

describe('the options of IPv6', () => {
  test('a socket of IPv4 has none of them; one of IPv6 has those of IPv4 too, as in Linux', () => {
    const { server } = new Pair();
    for (const name of [IPV6_V6ONLY, IPV6_UNICAST_HOPS, IPV6_TCLASS, IPV6_MTU_DISCOVER, IPV6_RECVERR, IPV6_MTU]) {
      const { first, give } = trial(server, AF_INET, IPPROTO_IPV6, name);
      expect([first, give(1)]).toEqual(['EOPNOTSUPP', 'ENOPROTOOPT']);
    }
    expect(trial(server, AF_INET6, IPPROTO_IP, IP_TTL).give(9)).toBe(9);
  });

  test('SO_DOMAIN tells which it is, and can only be read', () => {
    const { server } = new Pair();
    expect(trial(server, AF_INET, SOL_SOCKET, SO_DOMAIN).first).toBe(AF_INET);
    const { first, give } = trial(server, AF_INET6, SOL_SOCKET, SO_DOMAIN);
    expect([first, give(AF_INET)]).toEqual([AF_INET6, 'ENOPROTOOPT']);
  });

  test('IPV6_UNICAST_HOPS is 0 to 255, and -1 for the default', () => {
    const { first, give } = of6(IPV6_UNICAST_HOPS);
    expect([first, give(0), give(255), give(-1)]).toEqual([64, 0, 255, 64]);
    expect([give(-2), give(256)]).toEqual(['EINVAL', 'EINVAL']);
  });

  test('IPV6_TCLASS is 0 to 255 without the ECN bits, and -1 for 0', () => {
    const { first, give } = of6(IPV6_TCLASS);
    expect([first, give(0xb8), give(0xff), give(-1)]).toEqual([0, 0xb8, 0xfc, 0]);
    expect([give(-2), give(256)]).toEqual(['EINVAL', 'EINVAL']);
  });

  test('IPV6_MTU_DISCOVER is one of six, IPV6_RECVERR on or off', () => {
    const { first, give } = of6(IPV6_MTU_DISCOVER);
    expect([first, give(0), give(5), give(6), give(-1)]).toEqual([IP_PMTUDISC_WANT, 0, 5, 'EINVAL', 'EINVAL']);
    const reports = of6(IPV6_RECVERR);
    expect([reports.first, reports.give(7), reports.give(0)]).toEqual([0, 1, 0]);
  });

  test('IPV6_V6ONLY is decided before bind(): EINVAL', () => {
    const { server } = new Pair();
    const { fd, first, give } = trial(server, AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY);
    expect([first, give(1), give(0), give(1)]).toEqual([0, 1, 0, 1]);
    expect(server.sys.bind(fd, '::', 80)).toBe(0);
    expect([give(0), server.sys.getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY)]).toEqual(['EINVAL', 1]);
  });

  test('IPV6_MTU is read of a connection: ENOTCONN; EINVAL below what every link carries', () => {
    const { first, give } = of6(IPV6_MTU);
    // Set, it is of no concern to TCP, as in Linux.
    expect([first, said(give(1280)), give(1279)]).toEqual(['ENOTCONN', 'ENOTCONN', 'EINVAL']);
  });
});

describe('on the wire', () => {
  /** What the client's packets to this address say, after its socket was told all four. */
  function fieldsTo(address: string): unknown[] {
    const pair = new Pair();
    const { server, client } = pair;
    const listener = server.sys.socket(AF_INET6, SOCK_STREAM);
    server.sys.bind(listener, '::', 80);
    server.sys.listen(listener, 5);
    const c = client.sys.socket(AF_INET6, SOCK_STREAM);
    client.sys.setsockopt(c, IPPROTO_IP, IP_TOS, 0x20);
    client.sys.setsockopt(c, IPPROTO_IP, IP_TTL, 11);
    client.sys.setsockopt(c, IPPROTO_IPV6, IPV6_TCLASS, 0x48);
    client.sys.setsockopt(c, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 22);
    expect(said(client.sys.connect(c, address, 80))).toBe('EINPROGRESS');
    pair.settle();
    expect(client.sys.write(c, pattern(10))).toBe(10);
    pair.settle();
    const sent = pair.log.filter(({ tcp }) => tcp?.destinationPort === 80);
    expect(sent.length).toBeGreaterThan(2);
    const fields = sent.map(({ ipv4, ipv6 }) =>
      ipv4 ? [4, ipv4.tos, ipv4.ttl] : [6, ipv6?.trafficClass, ipv6?.hopLimit],
    );
    return [...new Set(fields.map((one) => one.join()))];
  }

  test('a connection has the fields of its version, whatever the domain of its socket', () => {
    expect(fieldsTo('fd00::1')).toEqual(['6,72,22']);
    expect(fieldsTo('::ffff:10.0.0.1')).toEqual(['4,32,11']);
  });

  test('IP_MTU_DISCOVER: packets forbid to be split in two modes, as with TCP in Linux', () => {
    const world = new World();
    const { client, c } = connected(world);
    const forbids = [0, 1, 2, 3, 4, 5].map((mode) => {
      world.log.length = 0;
      client.sys.setsockopt(c, IPPROTO_IP, IP_MTU_DISCOVER, mode);
      client.sys.write(c, pattern(1));
      world.run(300);
      return ((world.sentBy(1)[0]?.bytes[6] ?? 0) & 0x40) !== 0;
    });
    expect(forbids).toEqual([false, true, true, false, false, false]);
    expect([IP_PMTUDISC_WANT, IP_PMTUDISC_DO]).toEqual([1, 2]);
  });
});

describe('what is set for all', () => {
  test('ip_default_ttl, hop_limit and bindv6only, where the socket says nothing', () => {
    const pair = new Pair();
    const { client } = pair;
    client.sysctl.set('net.ipv4.ip_default_ttl', 33);
    client.sysctl.set('net.ipv6.conf.all.hop_limit', 44);
    client.sysctl.set('net.ipv6.bindv6only', 1);
    const c = client.sys.socket(AF_INET6, SOCK_STREAM);
    const get = (level: number, name: number) => client.sys.getsockopt(c, level, name);
    expect(get(IPPROTO_IPV6, IPV6_V6ONLY)).toBe(1);
    expect([get(IPPROTO_IP, IP_TTL), get(IPPROTO_IPV6, IPV6_UNICAST_HOPS)]).toEqual([33, 44]);
    client.sys.connect(c, 'fd00::1', 80);
    client.sys.connect(client.sys.socket(), '10.0.0.1', 80);
    const sent = pair.settle().log.filter(({ tcp }) => tcp?.destinationPort === 80);
    expect(sent.map(({ ipv4, ipv6 }) => ipv4?.ttl ?? ipv6?.hopLimit)).toEqual([44, 33]);
  });

  describe.each([
    ['IPv4', AF_INET, '10.0.0.1', 'net.ipv4.ip_default_ttl', IPPROTO_IP, IP_TTL],
    ['IPv6', AF_INET6, 'fd00::1', 'net.ipv6.conf.all.hop_limit', IPPROTO_IPV6, IPV6_UNICAST_HOPS],
  ] as const)('hops of %s', (_name, domain, to, setting, level, option) => {
    const hopsOf = (pair: Pair, kind: string) =>
      pair.log.flatMap(({ tcp, ipv4, ipv6 }) => (tcp?.flags.join() === kind ? [ipv4?.ttl ?? ipv6?.hopLimit] : []));

    test('reach resets to strangers', () => {
      const pair = new Pair();
      pair.server.sysctl.set(setting, 33);
      pair.client.sys.connect(pair.client.sys.socket(domain), to, 80);
      pair.settle();
      expect(hopsOf(pair, 'ACK,RST')).toEqual([33]);
    });

    test('are followed by a connection that lives, but for one that was told otherwise', () => {
      const pair = new Pair();
      const listener = pair.server.sys.socket(AF_INET6);
      pair.server.sys.bind(listener, '::', 80);
      pair.server.sys.listen(listener, 5);
      const [follows, told, closed] = [0, 0, 0].map(() => {
        const fd = pair.client.sys.socket(domain);
        pair.client.sys.connect(fd, to, 80);
        return fd;
      }) as [number, number, number];
      pair.settle();
      const ports = [follows, told, closed].map((fd) => {
        const name = pair.client.sys.getsockname(fd);
        return typeof name === 'number' ? 0 : name.port;
      });
      const data = Uint8Array.of(1);
      const hops = (act: () => void) => {
        pair.log.length = 0;
        act();
        pair.settle();
        return ports.map((port) => [
          ...new Set(
            pair.log.flatMap(({ tcp, ipv4, ipv6 }) => (tcp?.sourcePort === port ? [ipv4?.ttl ?? ipv6?.hopLimit] : [])),
          ),
        ]);
      };
      pair.client.sys.setsockopt(told, level, option, 64);
      pair.client.sysctl.set(setting, 33);
      const sent = hops(() => {
        for (const fd of [follows, told, closed]) pair.client.sys.write(fd, data);
        pair.client.sys.close(closed);
      });
      expect(sent).toEqual([[33], [64], [33]]);
      // The other ends close: what is left of the closed one has no descriptor, and follows still.
      pair.client.sysctl.set(setting, 44);
      const answered = hops(() => {
        for (let i = 0; i < 3; i++) {
          const fd = pair.server.sys.accept(listener);
          expect(pair.server.sys.read(fd, new Uint8Array(9))).toBe(1);
          pair.server.sys.close(fd);
        }
      });
      expect(answered).toEqual([[44], [64], [44]]);
    });
  });
});

describe('SO_BINDTODEVICE', () => {
  test("an interface by its name, '' for any; ENODEV for one that there is not, EINVAL for a number", () => {
    const { first, give } = trial(new Pair().server, AF_INET, SOL_SOCKET, SO_BINDTODEVICE);
    expect([first, give('lo'), give('')]).toEqual(['', 'lo', '']);
    expect([give('lo'), give('wlan9'), give(1), give('')]).toEqual(['lo', 'ENODEV', 'EINVAL', '']);
  });

  test('a listener bound to another interface does not hear', () => {
    const pair = new Pair();
    const { server, client } = pair;
    const listener = server.sys.socket();
    server.sys.setsockopt(listener, SOL_SOCKET, SO_BINDTODEVICE, 'lo');
    server.sys.bind(listener, '0.0.0.0', 80);
    server.sys.listen(listener, 5);
    const flagsOf = () => {
      pair.log.length = 0;
      client.sys.connect(client.sys.socket(), '10.0.0.1', 80);
      return pair.settle().log.map(({ tcp }) => tcp?.flags.join());
    };
    expect(flagsOf()).toEqual(['SYN', 'ACK,RST']);
    server.sys.setsockopt(listener, SOL_SOCKET, SO_BINDTODEVICE, '');
    expect(flagsOf()).toEqual(['SYN', 'ACK,SYN', 'ACK']);
  });
});
