/** `pnpm bench:flood`: what SYNs from nowhere cost a Host, by setting. No root needed. */

import { threadCpuUsage } from 'node:process';
import { flood } from '../test/flood.ts';

const SYNS = 1_000_000;
const HONEST = 1000;

console.log(
  `${SYNS} SYNs from random addresses in a minute, ${HONEST} honest connections among them, a backlog of 128`,
);
console.log('\n| synCookies | microseconds of work a SYN | honest served | longest wait |\n| --- | --- | --- | --- |');
for (const synCookies of [1, 2, 0] as const) {
  const { served, longestWaitMs, microsecondsPerSyn } = flood(
    SYNS,
    HONEST,
    { synCookies },
    () => threadCpuUsage().user / 1000,
  );
  console.log(
    `| ${synCookies} | ${microsecondsPerSyn.toFixed(2)} | ${served} | ${(longestWaitMs / 1000).toFixed(1)} s |`,
  );
}
