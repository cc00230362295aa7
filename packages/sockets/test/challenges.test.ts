/** Challenge ACKs of all connections of a Host together (RFC 5961 §7). */

import { SYN } from '@tcpstack/wire/tcp';
import { expect, test } from 'vitest';
import { connected, connecting } from './calls.ts';
import { segment } from './packets.ts';
import { World } from './world.ts';

test('a second has a budget, whatever the number of connections', () => {
  const world = new World({ settings: { challengeAcksPerSecond: 1 } });
  const { server, client, c } = connected(world);
  const second = connecting(client, server);
  world.settle();
  const ports = [c, second].map((fd) => {
    const name = client.sys.getsockname(fd);
    return typeof name === 'number' ? name : name.port;
  });
  world.log.length = 0;
  for (const fromPort of ports) world.inject(segment({ from: client.address, fromPort, flags: SYN, seq: 5 }));
  world.settle();
  expect(world.sentBy(0).map(({ kind }) => kind)).toEqual(['ACK']);
  expect(server.counters().challengesSuppressed).toBe(1);
  world.run(1000);
  for (const fromPort of ports) world.inject(segment({ from: client.address, fromPort, flags: SYN, seq: 5 }));
  world.settle();
  expect(server.counters().challengeAcks).toBe(2);
});
