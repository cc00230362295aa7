/**
 * Floods our listener by a device of its own, whose packets the kernel forwards to ours, and opens honest connections of
 * the kernel in the midst of it. The argument is the family, 4 or 6. Reads lines `first SYN, SYNs, connections`; answers with a `Flooded` as JSON.
 */

import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { TunLink } from '@tcpstack/tun';
import { ENDS, type Family } from './link-choice.ts';
import { NOWHERE, SpoofedSyns } from './spoofed-syns.ts';

/** What came of it, as the clients see it. */
export interface Flooded {
  readonly syns: number;
  /** Packets that came back to the addresses that nobody has. */
  readonly answers: number;
  /** Honest connections that carried their byte there and back. */
  readonly served: number;
  readonly longestWaitMs: number;
  readonly elapsedMs: number;
}

const PORT = 80;
/** SYNs under way: fewer than the 1000 packets that a device lets wait, so that honest ones have room there, too. */
const FLIGHT_SYNS = 400;
const BATCH_SYNS = 128;
/** Honest connections at once: a backlog of 128 has room for them. */
const HONEST_MAX = 64;
/** An answer that took so long was lost. */
const LOST_MS = 1000;

const family = Number(process.argv[2]) as Family;
const address = ENDS[family].ours;
const hostAddress = NOWHERE[family].device;
const link = TunLink.open({ name: 'flood0', hostAddress, offload: false, txQueueLength: 2000 });
const syns = new SpoofedSyns(family, address, PORT, BATCH_SYNS, link.headroomBytes);
let answers = 0;
link.start((batch) => {
  answers += batch.count;
});

/** Resolves with the milliseconds that it took; `Infinity` when it failed. */
function beHonest(): Promise<number> {
  const fromMs = performance.now();
  return new Promise((resolve) => {
    const socket = connect(PORT, address, () => socket.write('x'));
    let isServed = false;
    socket.on('data', () => {
      isServed = true;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(isServed ? performance.now() - fromMs : Infinity));
  });
}

async function flood(first: number, count: number, honest: number): Promise<Flooded> {
  const startMs = performance.now();
  const answersBefore = answers;
  let [sent, lost, asked, open, served, longestWaitMs] = [0, 0, 0, 0, 0, 0];
  let seen = 0;
  let seenAtMs = startMs;
  while (sent < count || open > 0) {
    const nowMs = performance.now();
    const answered = answers - answersBefore;
    if (answered > seen) [seen, seenAtMs] = [answered, nowMs];
    // Of those under way nothing is heard any more.
    else if (nowMs - seenAtMs > LOST_MS) lost = sent - answered;
    const room = Math.min(BATCH_SYNS, count - sent, FLIGHT_SYNS - (sent - answered - lost));
    if (room > 0) {
      link.transmit(syns.fill(first + sent, room));
      sent += room;
    }
    for (; asked * count < honest * sent && open < HONEST_MAX; asked++, open++) {
      void beHonest().then((ms) => {
        open--;
        if (ms < Infinity) served++;
        longestWaitMs = Math.max(longestWaitMs, ms);
      });
    }
    await new Promise(setImmediate);
  }
  return {
    syns: sent,
    answers: answers - answersBefore,
    served,
    longestWaitMs,
    elapsedMs: performance.now() - startMs,
  };
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [first = 0, count = 0, honest = 0] = line.split(' ').map(Number);
  console.log(`flooded ${JSON.stringify(await flood(first, count, honest))}`);
}
process.exit(0);
