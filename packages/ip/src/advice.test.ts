/** Advice of transports about paths. */

import { expect, test } from 'vitest';
import { adviseAgainst } from './advice.ts';
import { createIpCounters } from './counters.ts';

test('negative advice is counted (RFC 1122 §3.3.1.4; RFC 9293 §3.8.3)', () => {
  const output = { address: 1, identification: 0, counters: createIpCounters() };
  adviseAgainst(output, 2);
  adviseAgainst(output, 2);
  expect(output.counters.deadPathAdvice).toBe(2);
});
