/** Claims of ports, listeners, and the choice of ephemeral ports. */

import { ANY_IPV4 as ANY, type IpAddress, parseAddress } from '@tcpstack/wire/ip-address';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fakeSocket, listens } from '../test/fakes.ts';
import { holds } from '../test/holds.ts';
import { createOptionValues } from './option-values.ts';
import { EPHEMERAL_PORT_MAX, EPHEMERAL_PORT_MIN, PortTable } from './port-table.ts';
import type { Socket } from './socket.ts';

const OURS = at('10.0.0.1');
const OTHER = at('10.0.0.2');
const reuses = { ...createOptionValues(4096, 4096), reuseAddress: true };
const RANGE = EPHEMERAL_PORT_MAX - EPHEMERAL_PORT_MIN + 1;

function at(text: string): IpAddress {
  const address = parseAddress(text);
  if (address === null) throw new Error(text);
  return address;
}

function claimed(table: PortTable, socket: Socket): Socket {
  table.claim(socket);
  return socket;
}

describe('bind(2)', () => {
  test.each([
    ['0.0.0.0', '0.0.0.0', false],
    ['0.0.0.0', '10.0.0.1', false],
    ['10.0.0.1', '0.0.0.0', false],
    ['10.0.0.1', '10.0.0.1', false],
    ['10.0.0.1', '10.0.0.2', true],
  ])('a claim on %s, then one on %s of the same port: allowed is %s', (first, second, allowed) => {
    const table = new PortTable();
    claimed(table, fakeSocket(at(first), 80));
    expect(table.mayBind(fakeSocket(), at(second), 80)).toBe(allowed);
    expect(table.mayBind(fakeSocket(), at(second), 81)).toBe(true);
  });

  test('SO_REUSEADDR must be set on both, and neither may listen', () => {
    const table = new PortTable();
    const first = claimed(table, fakeSocket(ANY, 80, { options: reuses }));
    const reusing = fakeSocket(ANY, 0, { options: reuses });
    expect(table.mayBind(fakeSocket(), ANY, 80)).toBe(false);
    expect(table.mayBind(reusing, ANY, 80)).toBe(true);
    listens(first);
    expect(table.mayBind(reusing, ANY, 80)).toBe(false);
    table.release(first);
    const strict = claimed(table, fakeSocket(ANY, 80));
    expect(table.mayBind(reusing, ANY, 80)).toBe(false);
    table.release(strict);
    expect(table.mayBind(fakeSocket(), ANY, 80)).toBe(true);
  });

  test('connections hold their port until the last one is gone, unless SO_REUSEADDR is set', () => {
    const table = new PortTable();
    table.connectionAdded(80);
    table.connectionAdded(80);
    const reusing = fakeSocket(ANY, 0, { options: reuses });
    for (let left = 2; left > 0; left--) {
      expect(table.mayBind(fakeSocket(), ANY, 80)).toBe(false);
      expect(table.mayBind(reusing, ANY, 80)).toBe(true);
      table.connectionRemoved(80);
    }
    expect(table.mayBind(fakeSocket(), ANY, 80)).toBe(true);
  });
});

describe('listeners', () => {
  test('the one on the very address goes before the one on any address', () => {
    const table = new PortTable();
    const any = listens(claimed(table, fakeSocket(ANY, 80)));
    expect(table.listenerOn(OURS, 80)).toBe(any);
    const exact = listens(claimed(table, fakeSocket(OURS, 80)));
    expect(table.listenerOn(OURS, 80)).toBe(exact);
    expect(table.listenerOn(OTHER, 80)).toBe(any);
    expect(table.listenerOn(OURS, 81)).toBeNull();
    table.release(exact);
    expect(table.listenerOn(OURS, 80)).toBe(any);
  });

  test('a socket that is only bound takes no connection', () => {
    const table = new PortTable();
    claimed(table, fakeSocket(OURS, 80));
    expect(table.listenerOn(OURS, 80)).toBeNull();
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

describe('RFC 6056 §3.3.3: ephemeral ports', () => {
  test('any offset gives a port of the range, and the next ask gives the next one', () => {
    holds(
      fc.property(fc.integer(), (offset) => {
        const table = new PortTable();
        const [a, b] = [table.ephemeral(offset, () => true), table.ephemeral(offset, () => true)];
        for (const port of [a, b]) {
          expect(port).toBeGreaterThanOrEqual(EPHEMERAL_PORT_MIN);
          expect(port).toBeLessThanOrEqual(EPHEMERAL_PORT_MAX);
        }
        expect(b).toBe(a === EPHEMERAL_PORT_MAX ? EPHEMERAL_PORT_MIN : a + 1);
      }),
    );
  });

  test('the only free port of all is found from anywhere; 0 when there is none', () => {
    const table = new PortTable();
    for (const offset of [0, 1, -1, 12_345, RANGE - 1]) {
      expect(table.ephemeral(offset, (port) => port === 50_000)).toBe(50_000);
      expect(table.ephemeral(offset, () => false)).toBe(0);
    }
    claimed(table, fakeSocket(OURS, 50_000));
    expect(table.ephemeral(7, (port) => port === 50_000)).toBe(0);
  });
});
