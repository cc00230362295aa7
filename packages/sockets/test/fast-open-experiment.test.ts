/** Fast Open with peers that know it as the experiment that it once was (RFC 7413 §10, RFC 6994); as Linux does it. */

import { describe, expect, test } from 'vitest';
import { IPPROTO_TCP, TCP_FASTOPEN, TCP_FASTOPEN_CONNECT } from '../src/constants.ts';
import { drain, listening, said } from './calls.ts';
import { pattern } from './packets.ts';
import { World } from './world.ts';

const [OPTION, EXPERIMENT] = [34, 254];

/** A connection from host 1 to host 0, with these bytes on its SYN; what both said until it was open, then it is closed. */
function talk(world: World, listener: number, bytes = 0): string[] {
  const [server, client] = [world.host(0), world.host(1)];
  world.log.length = 0;
  const c = client.sys.socket();
  client.sys.setsockopt(c, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
  const isDeferred = client.sys.connect(c, '10.0.0.1', 80) === 0;
  if (isDeferred) client.sys.write(c, pattern(bytes));
  world.run(100);
  const heard = world.log.slice(0, 2).map(({ kind, tcp }) => {
    const found = tcp?.options.find((one) => one.kind === OPTION || one.kind === EXPERIMENT);
    return found === undefined ? kind : `${kind} ${found.kind}:${found.lengthBytes}`;
  });
  const s = server.sys.accept(listener);
  expect(drain(server, s).bytes).toEqual(pattern(isDeferred ? bytes : 0));
  client.sys.close(c);
  world.run(100);
  server.sys.close(s);
  world.run(61_000);
  return heard;
}

function worldOf(): World {
  return new World({ settings: { fastOpen: 3 } });
}

function give(world: World, listener: number, places: number): void {
  expect(said(world.host(0).sys.setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, places))).toBe(0);
}

describe('a client that got no cookie', () => {
  test('asks once in the old form, and by the option for good when that brings none either', () => {
    const world = worldOf();
    const listener = listening(world.host(0));
    const asked = [1, 2, 3, 4].map(() => talk(world, listener));
    expect(asked).toEqual([
      ['SYN 34:2', 'ACK,SYN'],
      ['SYN 254:4', 'ACK,SYN'],
      ['SYN 34:2', 'ACK,SYN'],
      ['SYN 34:2', 'ACK,SYN'],
    ]);
  });

  test('is answered in the form in which it asks, and shows its cookie in that form', () => {
    const world = worldOf();
    const listener = listening(world.host(0));
    talk(world, listener);
    give(world, listener, 8);
    expect(talk(world, listener)).toEqual(['SYN 254:4', 'ACK,SYN 254:12']);
    for (let i = 1; i < 3; i++) {
      expect(talk(world, listener, 300)).toEqual(['SYN 254:12', 'ACK,SYN']);
      expect(world.host(0).counters()).toMatchObject({ fastOpenPassive: i, fastOpenPassiveFails: 0 });
    }
    expect(world.host(1).counters()).toMatchObject({ fastOpenActive: 2, fastOpenActiveFails: 0 });
  });
});

test('who has a cookie by the option stays with the option, also when a server gives none any more', () => {
  const world = worldOf();
  const listener = listening(world.host(0));
  give(world, listener, 8);
  expect(talk(world, listener)).toEqual(['SYN 34:2', 'ACK,SYN 34:10']);
  give(world, listener, 0);
  for (let i = 0; i < 2; i++) expect(talk(world, listener, 10)).toEqual(['SYN 34:10', 'ACK,SYN']);
});
