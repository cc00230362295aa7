import { expect, test } from 'vitest';
import { ack, data, syn, synAck } from './segments.ts';
import { at, script, until } from './script.ts';
import { established } from './states.ts';

test('smoke', () => {
  const t = script().connect();
  t.expect(at(0), syn({ seq: 0 }));
  t.inject(at(10), synAck({ ack: 1, mss: 1000 }));
  t.expect(at(10), ack({ seq: 1, ack: 1 }));
  t.write(2500);
  t.expect(at(10), data({ seq: 1, ack: 1, len: 1000 }));
  t.expect(at(10), data({ seq: 1001, ack: 1, len: 1000 }));
  t.inject(at(20), ack({ seq: 1, ack: 2001 }));
  t.expect(at(20), data({ seq: 2001, ack: 1, len: 500 , psh: true}));
  t.inject(at(20), ack({ seq: 1, ack: 2501 }));
  t.expectSilence(until(100000));
  const e = established();
  e.inject(at(0), data({ seq: 1, ack: 1, len: 10 }));
  e.expect(at(0), ack({ seq: 1, ack: 11 }));
  expect(e.read()).toBe(10);
});
