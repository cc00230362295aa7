/** `pnpm flood`: 1,000,000 SYNs from nowhere over TUN, and what they cost. Root, Linux. */

import { describeFlood, floodOverTun } from './flood.ts';
import { FAMILIES } from './link-choice.ts';

for (const { name, family } of FAMILIES)
  console.log(`${name}: ${describeFlood(await floodOverTun(family, 1_000_000, 1000))}`);
