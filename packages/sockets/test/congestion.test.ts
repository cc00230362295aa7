/** Which congestion control a connection gets. */

import { CONGESTION_NAMES } from '@tcpstack/tcp/congestion';
import { expect, test } from 'vitest';
import { listening } from './calls.ts';
import { World } from './world.ts';

function namesIn(world: World): string[] {
  const names: string[] = [];
  for (const host of world.hosts) host.eachConnection(({ congestion }) => names.push(congestion.name));
  return names;
}

function connected(options: ConstructorParameters<typeof World>[0]): World {
  const world = new World(options);
  listening(world.host(1));
  const { sys } = world.host(0);
  sys.connect(sys.socket(), world.host(1).address, 80);
  return world.settle();
}

test.each(CONGESTION_NAMES)(
  'a Host set to %s gives it to every connection, opened actively or passively',
  (congestion) => {
    expect(namesIn(connected({ settings: { congestion } }))).toEqual([congestion, congestion]);
  },
);

test('each Host has its own setting; without one it is cubic, as in Linux', () => {
  expect(namesIn(connected({ hosts: [{ settings: { congestion: 'reno' } }, {}] }))).toEqual(['reno', 'cubic']);
});
