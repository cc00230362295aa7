/** Claims of ports, and listeners. */

import { ANY_IPV4 as ANY, ANY_IPV6, type IpAddress, parseAddress } from '@tcpstack/wire/ip-address';
import { describe, expect, test } from 'vitest';
import { fakeSocket, listens } from '../test/fakes.ts';
import { PortTable } from './port-table.ts';
import type { Socket } from './socket.ts';

const OURS = at('10.0.0.1');
const OTHER = at('10.0.0.2');

function at(text: string): IpAddress {
  const address = parseAddress(text);
  if (address === null) throw new Error(text);
  return address;
}

function claimed(table: PortTable, socket: Socket): Socket {
  table.claim(socket);
  return socket;
}

describe('listeners', () => {
  test('the one on the very address goes before the one on any address', () => {
    const table = new PortTable();
    const any = listens(claimed(table, fakeSocket(ANY, 80)));
    expect(table.listenerOn(OURS, 80, 1)).toBe(any);
    const exact = listens(claimed(table, fakeSocket(OURS, 80)));
    expect(table.listenerOn(OURS, 80, 1)).toBe(exact);
    expect(table.listenerOn(OTHER, 80, 1)).toBe(any);
    expect(table.listenerOn(OURS, 81, 1)).toBeNull();
    table.release(exact);
    expect(table.listenerOn(OURS, 80, 1)).toBe(any);
  });

  test('of two on any address, the one of the family, whoever came first; the other takes what is left', () => {
    for (const [first, second] of [
      [ANY, ANY_IPV6],
      [ANY_IPV6, ANY],
    ] as const) {
      const table = new PortTable();
      const sockets = [first, second].map((address) => listens(claimed(table, fakeSocket(address, 80))));
      const of = (address: Readonly<IpAddress>) => sockets.find(({ localAddress }) => localAddress === address);
      expect(table.listenerOn(OURS, 80, 1)).toBe(of(ANY));
      expect(table.listenerOn(at('fd00::1'), 80, 1)).toBe(of(ANY_IPV6));
    }
  });

  test('one that is bound to an interface takes what came in there, and nothing else', () => {
    const table = new PortTable();
    const bound = { ...fakeSocket().options, interfaceIndex: 2 };
    const socket = listens(claimed(table, fakeSocket(ANY, 80, { options: bound })));
    expect([table.listenerOn(OURS, 80, 1), table.listenerOn(OURS, 80, 2)]).toEqual([null, socket]);
  });

  test('a socket that is only bound takes no connection', () => {
    const table = new PortTable();
    claimed(table, fakeSocket(OURS, 80));
    expect(table.listenerOn(OURS, 80, 1)).toBeNull();
  });

  test('counts connections until the last is gone', () => {
    const table = new PortTable();
    table.connectionAdded(80);
    table.connectionAdded(80);
    table.connectionRemoved(80);
    expect([table.connectionsOn(80), table.connectionsOn(81)]).toEqual([1, 0]);
    table.connectionRemoved(80);
    expect(table.connectionsOn(80)).toBe(0);
  });

  test('hasListener looks at others, on an address that overlaps', () => {
    const table = new PortTable();
    const mine = listens(claimed(table, fakeSocket(OURS, 80)));
    expect(table.hasListener(mine)).toBe(false);
    expect(table.hasListener(fakeSocket(OURS, 80))).toBe(true);
    expect(table.hasListener(fakeSocket(ANY, 80))).toBe(true);
    expect(table.hasListener(fakeSocket(OTHER, 80))).toBe(false);
  });
});
