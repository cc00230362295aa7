/** Advice of transports about paths. */

import { ANY_IPV4 } from '@tcpstack/wire/ip-address';
import { expect, test } from 'vitest';
import { adviseAgainst } from './advice.ts';
import { createIpCounters } from './counters.ts';

test('negative advice is counted (RFC 1122 §3.3.1.4; RFC 9293 §3.8.3)', () => {
  const output = { identification: 0, counters: createIpCounters() };
  adviseAgainst(output, ANY_IPV4);
  adviseAgainst(output, ANY_IPV4);
  expect(output.counters.deadPathAdvice).toBe(2);
});
