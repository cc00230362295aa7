/**
 * The process of a bridge: `bridge-process.ts <near device> <far device> <ways as JSON>`.
 * Says `devices` when both exist, so that the far one can be moved to its namespace. Then each line on standard input,
 * ways as JSON, makes the network new; it is answered with `was <stats as JSON>` of the network before.
 */

import { createInterface } from 'node:readline';
import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { TunLink } from '@tcpstack/tun';
import { Pipe } from './pipe.ts';
import type { Way, Ways, WaysStats } from './way.ts';

/** Longest sleep while packets are on their way: Node's timers know only milliseconds, and a spin would take a processor. */
const NAP_MS = 0.2;
/** Less is not worth a system call. */
const SHORTEST_NAP_MS = 0.02;

/** A pipe, and the device at its end. */
class Lane {
  pipe: Pipe;
  readonly #link: TunLink;
  readonly #batch = new PacketBatch({ arenaBytes: 512 * 1024 });

  constructor(way: Way, link: TunLink) {
    this.pipe = new Pipe(way);
    this.#link = link;
  }

  add(batch: PacketBatch): void {
    const nowMs = performance.now();
    for (let i = 0; i < batch.count; i++) this.pipe.add(nowMs, batch.arena, batch.offsetAt(i), batch.lengthAt(i));
  }

  deliver(): void {
    for (let more = true; more; ) {
      more = this.pipe.moveDue(performance.now(), this.#batch);
      if (this.#batch.count > 0) this.#link.transmit(this.#batch);
      this.#batch.clear();
    }
  }
}

const [nearDevice = '', farDevice = '', ways = ''] = process.argv.slice(2);
const near = TunLink.open({ name: nearDevice, offload: false });
const far = TunLink.open({ name: farDevice, offload: false });
const { forth: forthWay, back: backWay } = JSON.parse(ways) as Ways;
const forth = new Lane(forthWay, far);
const back = new Lane(backWay, near);
const napper = new Int32Array(new SharedArrayBuffer(4));
let turning = false;

function turn(): void {
  forth.deliver();
  back.deliver();
  const dueMs = Math.min(forth.pipe.nextDueMs, back.pipe.nextDueMs);
  turning = dueMs !== Number.POSITIVE_INFINITY;
  if (!turning) return;
  const napMs = Math.min(NAP_MS, dueMs - performance.now());
  if (napMs > SHORTEST_NAP_MS) Atomics.wait(napper, 0, 0, napMs);
  setImmediate(turn);
}

function take(lane: Lane, batch: PacketBatch): void {
  lane.add(batch);
  if (turning) return;
  turning = true;
  setImmediate(turn);
}

function renew(next: Ways): WaysStats {
  const was = { forth: forth.pipe.stats, back: back.pipe.stats };
  forth.pipe = new Pipe(next.forth);
  back.pipe = new Pipe(next.back);
  return was;
}

console.log('devices');
const lines = createInterface({ input: process.stdin });
lines.once('line', () => {
  near.start((batch) => take(forth, batch));
  far.start((batch) => take(back, batch));
  lines.on('line', (line) => console.log(`was ${JSON.stringify(renew(JSON.parse(line) as Ways))}`));
  console.log('ready');
});
