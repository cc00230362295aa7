/** 10,000 connections at once: all work, and nothing of them is left once they are closed. */

import { expect, test } from 'vitest';
import { Crowd } from '../bench/crowd.ts';
import { expectNothingLeft, states } from './calls.ts';

const COUNT = 10_000;

function nothing(host: Crowd['server']): void {
  expectNothingLeft(host);
  const left = Object.entries(host.held()).filter(([, count]) => count !== 0);
  expect(left).toEqual([]);
}

test('opening, using and closing 10,000 connections leaves every table empty and every pool full', () => {
  const crowd = new Crowd();
  crowd.open(COUNT);
  expect([crowd.clientFds.length, crowd.serverFds.length]).toEqual([COUNT, COUNT]);
  crowd.talk();
  expect(crowd.server.held()).toMatchObject({ connections: COUNT, timeWaits: 0, bufferBlocks: 0, orphans: 0 });
  crowd.close();
  expect(crowd.server.held()).toMatchObject({ connections: 0, timeWaits: 0, usedPorts: 0, bufferBlocks: 0 });
  expect(crowd.client.held()).toMatchObject({ connections: 0, timeWaits: COUNT, bufferBlocks: 0, orphans: 0 });
  expect(new Set(states(crowd.client))).toEqual(new Set(['TIME-WAIT']));
  crowd.end();
  nothing(crowd.server);
  nothing(crowd.client);
}, 120_000);

test('a connection that talked is looked at once more, ten seconds later, and then rests', () => {
  const crowd = new Crowd();
  crowd.open(1);
  crowd.talk();
  crowd.pass(1000);
  const memories = () => {
    const all: boolean[] = [];
    for (const host of [crowd.server, crowd.client]) host.eachConnection(({ tune }) => all.push(tune !== null));
    return all;
  };
  expect(memories()).toEqual([true, true]);
  crowd.pass(10_000);
  expect(memories()).toEqual([false, false]);
  expect([crowd.server.pollDeadlineMs(), crowd.client.pollDeadlineMs()]).toEqual([Infinity, Infinity]);
});
