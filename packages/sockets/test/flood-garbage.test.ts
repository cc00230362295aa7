/** A SYN that is answered by a cookie, or dropped, makes no object: a flood is no work for the garbage collector. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { parseAddress } from '@tcpstack/wire/ip-address';
import { expect, test } from 'vitest';
import { AF_INET, AF_INET6 } from '../src/constants.ts';
import { Host } from '../src/host.ts';
import { BATCH_SYNS, fillSpoofed } from './flood.ts';
import { entropy } from './world.ts';

/** Enough for the compiler to have seen all of the way. */
const WARM_UP_TURNS = 400;
const TURNS = 20;
const ROUNDS = 9;
/** The smallest object that there is, a number with a fraction, takes 16. A turn has some of its own. */
const SYN_BYTES_MAX = 8;

const CASES = [
  { family: 'IPv4', domain: AF_INET, address: '10.0.0.1', answer: 'answered by cookies', synCookies: 1 },
  { family: 'IPv6', domain: AF_INET6, address: 'fd00::1', answer: 'answered by cookies', synCookies: 1 },
  { family: 'IPv4', domain: AF_INET, address: '10.0.0.1', answer: 'dropped', synCookies: 0 },
  { family: 'IPv6', domain: AF_INET6, address: 'fd00::1', answer: 'dropped', synCookies: 0 },
] as const;

test.each(CASES)('SYNs of $family that are $answer leave no garbage', async ({ domain, address, synCookies }) => {
  const { getHeapStatistics } = await import('node:v8');
  const to = parseAddress(address);
  if (to === null) throw new Error(address);
  const host = new Host({ address, mtuBytes: 1500, entropy: entropy(1), settings: { synCookies } });
  const listener = host.sys.socket(domain);
  host.sys.bind(listener, address, 80);
  host.sys.listen(listener, 128);
  const batch = new PacketBatch({ capacityPackets: BATCH_SYNS, arenaBytes: BATCH_SYNS * 128 + 4096 });
  const out = new PacketBatch({ capacityPackets: 512, arenaBytes: 512 * 1024 });
  let nowMs = 0.25;
  const turn = (): void => {
    nowMs += 0.77;
    host.handlePackets(nowMs, batch);
    for (let more = true; more; ) {
      out.clear();
      more = host.pollTransmit(nowMs, out);
    }
    host.handleTimeout(nowMs);
  };
  for (let i = 0; i < WARM_UP_TURNS; i++) {
    fillSpoofed(batch, i * BATCH_SYNS, to);
    turn();
  }
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = getHeapStatistics().used_heap_size;
    for (let i = 0; i < TURNS; i++) turn();
    rounds.push((getHeapStatistics().used_heap_size - before) / (TURNS * BATCH_SYNS));
  }
  // A round in which garbage was collected says less than none; what is made for each SYN is made in all others.
  const [median] = rounds.sort((a, b) => a - b).slice(ROUNDS >> 1);
  expect(median).toBeGreaterThanOrEqual(0);
  expect(median).toBeLessThan(SYN_BYTES_MAX);
});
