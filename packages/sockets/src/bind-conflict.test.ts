/** Which sockets may share a port: the table of Linux's bind(2). */

import { sipKey } from '@tcpstack/seq/siphash';
import { ANY_IPV4, ANY_IPV6, type IpAddress, ipv4Address, parseAddress } from '@tcpstack/wire/ip-address';
import { describe, expect, test } from 'vitest';
import { fakeConnection, fakeSocket, listens } from '../test/fakes.ts';
import { mayBind, mayChoose, sharingOf } from './bind-conflict.ts';
import { ConnectionTable } from './connection-table.ts';
import { createOptionValues, type OptionValues } from './option-values.ts';
import { PortTable } from './port-table.ts';
import type { Socket } from './socket.ts';
import { SHARING_SHIFT, TimeWaitTable, TRAITS } from './time-wait-table.ts';
import { TupleHash } from './tuple-hash.ts';

const OURS = ipv4Address(0x0a000001);
const OTHER = ipv4Address(0x0a000002);
const OUR_IPV6 = parseAddress('2001:db8::1') as IpAddress;
const PLAIN = {};
const ADDRESS = { reuseAddress: true };
const PORT = { reusePort: true };
const BOTH = { reuseAddress: true, reusePort: true };

function options(of: Partial<OptionValues>): OptionValues {
  return { ...createOptionValues({ sendBufferBytes: 4096, receiveBufferBytes: 4096 }), ...of };
}

function owners() {
  const hash = new TupleHash(sipKey(new Uint8Array(16)));
  return { ports: new PortTable(), connections: new ConnectionTable(hash), timeWaits: new TimeWaitTable(hash) };
}

/** Owners of which one socket has port 80. */
function claimedBy(address: Readonly<IpAddress>, of: Partial<OptionValues>) {
  const all = owners();
  const socket = fakeSocket(address, 80, { options: options(of), bound: true });
  all.ports.claim(socket);
  return { all, socket };
}

function asking(of: Partial<OptionValues> = {}): Socket {
  return fakeSocket(ANY_IPV4, 0, { options: options(of) });
}

describe('SO_REUSEADDR and SO_REUSEPORT', () => {
  test.each([
    [PLAIN, PLAIN, false, false],
    [ADDRESS, PLAIN, false, false],
    [PLAIN, ADDRESS, false, false],
    [ADDRESS, ADDRESS, true, false],
    [PORT, PORT, true, true],
    [PORT, PLAIN, false, false],
    [PLAIN, PORT, false, false],
    [ADDRESS, PORT, false, false],
    [BOTH, ADDRESS, true, false],
    [BOTH, PORT, true, true],
    [BOTH, BOTH, true, true],
  ])(
    'one has %o, another asks with %o: allowed is %s, and %s once the first listens',
    (first, second, bound, listening) => {
      const { all, socket } = claimedBy(OURS, first);
      expect(mayBind(all, asking(second), OURS, 80)).toBe(bound);
      listens(socket);
      expect(mayBind(all, asking(second), OURS, 80)).toBe(listening);
      // The kernel's own choice is never a port that somebody has.
      expect(mayChoose(all, OURS, options(second), 80)).toBe(false);
      expect(mayBind(all, asking(second), OURS, 81)).toBe(true);
      expect(mayChoose(all, OURS, options(second), 81)).toBe(true);
    },
  );

  test('the socket itself is no obstacle', () => {
    const { all, socket } = claimedBy(OURS, PLAIN);
    expect(mayBind(all, socket, OURS, 80)).toBe(true);
  });
});

describe('addresses', () => {
  test.each<[string, Readonly<IpAddress>, Partial<OptionValues>, Readonly<IpAddress>, Partial<OptionValues>, boolean]>([
    ['the same', OURS, {}, OURS, {}, false],
    ['two of ours', OURS, {}, OTHER, {}, true],
    ['any, one', ANY_IPV4, {}, OURS, {}, false],
    ['one, any', OURS, {}, ANY_IPV4, {}, false],
    ['any, any', ANY_IPV4, {}, ANY_IPV4, {}, false],
    ['any of IPv4, one of IPv6', ANY_IPV4, {}, OUR_IPV6, {}, true],
    ['any of both, one of IPv4', ANY_IPV6, {}, OURS, {}, false],
    ['one of IPv4, any of both', OURS, {}, ANY_IPV6, {}, false],
    ['any of IPv6 only, one of IPv4', ANY_IPV6, { v6Only: true }, OURS, {}, true],
    ['any of IPv4, any of IPv6 only', ANY_IPV4, {}, ANY_IPV6, { v6Only: true }, true],
    ['any of IPv6 only, one of IPv6', ANY_IPV6, { v6Only: true }, OUR_IPV6, {}, false],
    ['any of IPv6 only, any of both', ANY_IPV6, { v6Only: true }, ANY_IPV6, {}, false],
    ['the same on two interfaces', OURS, { interfaceIndex: 1 }, OURS, { interfaceIndex: 2 }, true],
    ['the same on one interface', OURS, { interfaceIndex: 1 }, OURS, { interfaceIndex: 1 }, false],
    ['the same on one interface and on any', OURS, { interfaceIndex: 1 }, OURS, {}, false],
  ])('%s', (_, first, firstOptions, second, secondOptions, allowed) => {
    const { all } = claimedBy(first, firstOptions);
    expect(mayBind(all, asking(secondOptions), second, 80)).toBe(allowed);
  });
});

describe('connections without a listener', () => {
  /** Owners of which one connection on our address has port 80, and had a socket with these options. */
  const left = (of: Partial<OptionValues>, inTimeWait: boolean) => {
    const all = owners();
    const connection = fakeConnection([7, 7, 0x0a000001, 80]);
    connection.sharing = sharingOf(options(of));
    if (inTimeWait) {
      const index = all.timeWaits.add(ipv4Address(7), 7, OURS, 80, 60_000);
      all.timeWaits.setWord(index, TRAITS, sharingOf(options(of)) << SHARING_SHIFT);
    } else all.connections.add(connection);
    all.ports.connectionAdded(80);
    return { all, connection };
  };

  test.each([
    [PLAIN, PLAIN, false],
    [ADDRESS, PLAIN, false],
    [PLAIN, ADDRESS, false],
    [ADDRESS, ADDRESS, true],
    [PORT, PORT, true],
    [ADDRESS, PORT, false],
  ])(
    'they had %o, a socket asks with %o: allowed is %s, in TIME-WAIT too; on another address always',
    (had, asks, allowed) => {
      for (const inTimeWait of [false, true]) {
        const { all } = left(had, inTimeWait);
        expect(mayBind(all, asking(asks), OURS, 80)).toBe(allowed);
        expect(mayBind(all, asking(asks), ANY_IPV4, 80)).toBe(allowed);
        expect(mayBind(all, asking(asks), OTHER, 80)).toBe(true);
        expect(mayBind(all, asking(asks), OURS, 79)).toBe(true);
        expect(mayChoose(all, OURS, options(asks), 80)).toBe(false);
      }
    },
  );

  test('one with a socket shares as that one is set now; one whose socket has the port by bind(2) was asked there', () => {
    const { all, connection } = left(PLAIN, false);
    connection.socket = fakeSocket(OURS, 80, { options: options(ADDRESS) });
    expect(mayBind(all, asking(ADDRESS), OURS, 80)).toBe(true);
    connection.socket.options = options(PLAIN);
    expect(mayBind(all, asking(ADDRESS), OURS, 80)).toBe(false);
    connection.socket.bound = true;
    expect(mayBind(all, asking(ADDRESS), OURS, 80)).toBe(true);
  });
});
