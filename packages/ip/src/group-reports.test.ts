/** When groups are reported (RFC 3376 §5, RFC 3810 §6), without the messages. */

import { expect, test } from 'vitest';
import { ip } from '../test/hub.ts';
import { GroupReports } from './group-reports.ts';

const [G, H] = [ip('239.1.1.1'), ip('239.1.1.2')];
const [ALL, NONE] = [ip('0.0.0.0'), () => false];

function made(mostGroups = 9): { reports: GroupReports; told: () => string[] } {
  const told: string[] = [];
  const reports = new GroupReports(
    () => 0.5,
    mostGroups,
    (nowMs, group, kind) => told.push(`${nowMs} ${kind} ${group.w3 & 0xff}`),
  );
  return { reports, told: () => told.splice(0) };
}

/** Lets the time pass until nothing is due. */
function pass(reports: GroupReports): void {
  while (reports.deadlineMs < Infinity) reports.handleTimeout(reports.deadlineMs);
}

test('a change is told twice; joining what is joined is none', () => {
  const { reports, told } = made();
  reports.join(0, G);
  reports.handleTimeout(0);
  reports.join(0, G);
  pass(reports);
  expect(told()).toEqual(['0 joined 1', '500 joined 1']);
});

test('a group that is joined again while its end is being told is told as joined', () => {
  const { reports, told } = made();
  reports.join(0, G);
  pass(reports);
  reports.leaveUnless(1000, NONE);
  reports.handleTimeout(1000);
  reports.join(1001, G);
  pass(reports);
  expect(told().slice(2)).toEqual(['1000 left 1', '1001 joined 1', '1501 joined 1']);
});

test('a query is answered within its time; a later one does not put off what is due sooner (§5.2 rule 1)', () => {
  const { reports, told } = made();
  reports.join(0, G);
  pass(reports);
  told();
  reports.queried(1000, ALL, 100);
  reports.queried(1000, G, 10_000);
  pass(reports);
  expect(told()).toEqual(['1050 is 1']);
});

test('what was left is not told of in an answer, whether the query came before or after', () => {
  const { reports, told } = made();
  reports.join(0, G);
  pass(reports);
  told();
  reports.queried(1000, G, 100);
  reports.leaveUnless(1000, NONE);
  reports.queried(1000, G, 100);
  pass(reports);
  expect(told()).toEqual(['1000 left 1', '1500 left 1']);
});

test('of more groups than there is room for nobody is told, until one is left and told', () => {
  const { reports, told } = made(1);
  reports.join(0, G);
  reports.join(0, H);
  pass(reports);
  expect(told()).toEqual(['0 joined 1', '500 joined 1']);
  reports.leaveUnless(1000, NONE);
  pass(reports);
  told();
  reports.join(2000, H);
  pass(reports);
  expect(told()).toEqual(['2000 joined 2', '2500 joined 2']);
});
