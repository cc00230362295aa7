/** What a Host sets for all its connections: each changes what one that lives already does. */

import { describe, expect, test } from 'vitest';
import { at, type Script, until } from '../test/script.ts';
import { ack, data, syn } from '../test/segments.ts';
import { established } from '../test/states.ts';
import type { TcpSettings } from './tcp-settings.ts';

const MSS = 1000;

function open(settings: Partial<TcpSettings> = {}): Script {
  const t = established({ peer: { mss: MSS, scale: 7, sackOk: true }, rttMs: 40, congestion: 'reno' });
  Object.assign(t.tcb.shared, settings);
  return t.inject(at(40), ack({ seq: 1, ack: 1 }));
}

function write(t: Script, bytes: number): Script {
  t.write(bytes);
  return t.ignore();
}

describe('settings of loss and congestion', () => {
  test('tailProbes: a lost tail waits for the time-out without them', () => {
    const probesOf = (tailProbes: boolean) => {
      const t = write(open({ tailProbes }), 5 * MSS);
      t.wait(until(200)).ignore();
      return t.counters.tailProbes;
    };
    expect([probesOf(true), probesOf(false)]).toEqual([1, 0]);
  });

  test('slowStartAfterIdle: cwnd after a pause', () => {
    const cwndOf = (slowStartAfterIdle: boolean) => {
      const t = open({ slowStartAfterIdle });
      t.tcb.congestion.cwndBytes = 40 * MSS;
      write(t, 1);
      t.inject(at(41), ack({ seq: 1, ack: 2 }));
      t.wait(at(60_000));
      write(t, 1);
      return t.tcb.congestion.cwndBytes;
    };
    expect([cwndOf(true), cwndOf(false)]).toEqual([10 * MSS, 40 * MSS]);
  });

  test('fRto: whether the ACKs after a time-out are watched', () => {
    const watches = (fRto: boolean) => {
      const t = write(open({ fRto, tailProbes: false }), 5 * MSS);
      t.wait(at(400)).ignore();
      expect(t.counters.timeouts).toBe(1);
      return t.tcb.recovery.fRto;
    };
    expect([watches(true), watches(false)]).toEqual([true, false]);
  });

  test('minRttWindowMs: how long the least round trip counts', () => {
    const leastOf = (minRttWindowMs: number) => {
      const t = open({ minRttWindowMs });
      write(t, MSS);
      t.inject(at(10_040), ack({ seq: 1, ack: 1 + MSS })).ignore();
      t.wait(at(20_000));
      write(t, MSS);
      t.inject(at(20_090), ack({ seq: 1, ack: 1 + 2 * MSS })).ignore();
      return t.tcb.rtt.minMs;
    };
    expect(leastOf(300_000)).toBe(40);
    expect(leastOf(5000)).toBe(90);
  });

  test('reportedRetries: after how many time-outs the path is suspect', () => {
    const advisedAfter = (reportedRetries: number) => {
      const t = write(open({ reportedRetries, tailProbes: false }), 10);
      let timeouts = 0;
      while ((t.tcb.wake & 8) === 0 && timeouts < 10) {
        t.wait(at(t.tcb.timers.retransmitAtMs)).ignore();
        timeouts = t.counters.timeouts;
      }
      return timeouts;
    };
    expect([advisedAfter(1), advisedAfter(4)]).toEqual([1, 4]);
  });
});

describe('settings of what is answered', () => {
  test('dsack: duplicates are not told without it', () => {
    const t = open({ dsack: false });
    t.inject(at(40), data({ seq: 1, ack: 1, len: 100 })).ignore();
    t.inject(at(40), data({ seq: 1, ack: 1, len: 50 }));
    t.expect(at(40), ack({ ack: 101, sack: [] }));
  });

  test('challengeIntervalMs: how often one connection answers what may be forged', () => {
    const t = open({ challengeIntervalMs: 50 });
    t.inject(at(40), syn({ seq: 1 }));
    t.expect(at(40), ack({ ack: 1 }));
    t.inject(at(89), syn({ seq: 1 }));
    t.expectSilence(until(89));
    t.inject(at(90), syn({ seq: 1 }));
    t.expect(at(90), ack({ ack: 1 }));
  });
});

describe('settings of the search for what a path carries', () => {
  test('mtuProbeFloorBytes: how far a suspected black hole leads down', () => {
    const least = (mtuProbeFloorBytes: number) => {
      const t = write(open({ mtuProbing: 1, mtuProbeFloorBytes, mtuProbeBaseBytes: 800 }), 20 * MSS);
      t.wait(until(100_000)).ignore();
      return t.tcb.snd.mssBytes;
    };
    expect([least(536), least(300)]).toEqual([536, 300]);
  });

  test('mtuProbeBaseBytes: where it begins when it is always on', () => {
    const t = established({ mtuProbing: 2, peer: { mss: 1460 } });
    expect(t.tcb.mtuProbe.lowBytes).toBe(1024);
    const u = write(open({ mtuProbing: 1, mtuProbeBaseBytes: 700, tailProbes: false }), 20 * MSS);
    while (u.tcb.mtuProbe.lowBytes > 1e6) u.wait(at(u.tcb.timers.retransmitAtMs)).ignore();
    expect(u.tcb.mtuProbe.lowBytes).toBeLessThanOrEqual(700);
  });
});
