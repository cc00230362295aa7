/** Shows one seed's world: what was drawn, each packet that a host sent, and how it ended. */

import { parseArgs } from 'node:util';
import { PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { finishPacket } from '@tcpstack/wire/finish';
import { summarizePacket } from '@tcpstack/wire/summary';
import { drawScenario, runScenario } from '../src/scenario.ts';
import type { Observer } from '../src/world.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, quiet: { type: 'boolean', default: false } },
});
if (values.seed === undefined || !Number.isInteger(Number(values.seed))) {
  console.error('usage: replay.ts --seed N [--quiet]');
  process.exit(2);
}

const printer: Observer = {
  sent(nowMs, _from, { bytes, lengthBytes, flags }) {
    const seen = bytes.slice(0, lengthBytes);
    if ((flags & PKT_CSUM_PARTIAL) !== 0) finishPacket(seen, 0, lengthBytes);
    console.log(`${nowMs.toFixed(3).padStart(12)}  ${summarizePacket(seen, 0, lengthBytes)}`);
  },
};

const scenario = drawScenario(Number(values.seed));
console.log(scenario);
try {
  const { endedAtMs, packets } = runScenario(scenario, values.quiet ? [] : [printer]);
  console.log(`ended well at ${endedAtMs} ms after ${packets} packets`);
} catch (error) {
  console.error(error);
  process.exit(1);
}
