/** Control messages of datagrams (RFC 1122 §4.1.3.5, §4.1.4; RFC 3542 §6): what is told of each, and said with each. */

import { describe, expect, test } from 'vitest';
import type { ControlMessage, MsgHdr } from '../src/call-types.ts';
import {
  AF_INET,
  AF_INET6,
  IP_PKTINFO,
  IP_RECVTOS,
  IP_RECVTTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  IPV6_PKTINFO,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_RECVTCLASS,
  IPV6_TCLASS,
  SOCK_DGRAM,
} from '../src/constants.ts';
import { EINVAL } from '../src/errno.ts';
import { addressOf, World } from './world.ts';

describe.each([
  ['IPv4', 4, AF_INET, IPPROTO_IP, [IP_PKTINFO, IP_RECVTTL, IP_RECVTOS], [IP_TTL, IP_TOS]],
  [
    'IPv6',
    6,
    AF_INET6,
    IPPROTO_IPV6,
    [IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS],
    [IPV6_HOPLIMIT, IPV6_TCLASS],
  ],
] as const)('over %s', (_name, family, domain, level, wishes, [hops, tos]) => {
  const [here, there] = [addressOf(family, 0), addressOf(family, 1)];

  function pair() {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const s = server.sys.socket(domain, SOCK_DGRAM);
    server.sys.bind(s, family === 4 ? '0.0.0.0' : '::', 53);
    for (const wish of wishes) expect(server.sys.setsockopt(s, level, wish, 1)).toBe(0);
    const c = client.sys.socket(domain, SOCK_DGRAM);
    const send = (control: readonly ControlMessage[]): number => {
      const n = client.sys.sendmsg(c, { iov: [Uint8Array.of(1)], name: { address: here, port: 53 }, control });
      world.settle();
      return n;
    };
    const told = (): readonly ControlMessage[] | undefined => {
      const message: MsgHdr = { iov: [new Uint8Array(9)] };
      expect(server.sys.recvmsg(s, message)).toBe(1);
      return message.control;
    };
    return { send, told };
  }

  test('the time to live and TOS of one datagram are what its control messages say, and are told', () => {
    const { send, told } = pair();
    expect(
      send([
        { level, type: hops, value: 7 },
        { level, type: tos, value: 0x2c },
      ]),
    ).toBe(1);
    const control = told() ?? [];
    expect(control.slice(1)).toEqual([
      { level, type: hops, value: 7 },
      { level, type: tos, value: 0x2c },
    ]);
    expect(control[0]?.info).toEqual({
      interfaceIndex: 1,
      ...(family === 4 ? { localAddress: here } : {}),
      address: here,
    });
    send([]);
    expect(told()?.[1]?.value, 'only that one').toBe(64);
  });

  test('a source that is ours is taken, and a value or a message that cannot be is EINVAL', () => {
    const { send, told } = pair();
    const info = { interfaceIndex: 1, localAddress: there, address: there };
    expect(send([{ level, type: family === 4 ? IP_PKTINFO : IPV6_PKTINFO, info }])).toBe(1);
    told();
    for (const wrong of [
      { level, type: hops, value: 256 },
      { level, type: tos },
      { level, type: 9999, value: 1 },
      { level, type: family === 4 ? IP_PKTINFO : IPV6_PKTINFO },
    ]) {
      expect(send([wrong])).toBe(-EINVAL);
    }
  });
});
