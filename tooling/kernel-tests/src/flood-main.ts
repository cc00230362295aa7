/** `pnpm flood`: 1,000,000 SYNs from nowhere over TUN, and what they cost. Root, Linux. */

import { describeFlood, floodOverTun } from './flood.ts';

console.log(describeFlood(await floodOverTun(1_000_000, 1000)));
