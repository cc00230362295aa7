/** What every congestion control must do, whatever its name: one suite, run over all of them. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Drive, type Step, steps } from '../../test/congestion-drive.ts';
import { INITIAL_CWND_SEGMENTS, MAX_CWND_BYTES } from '../limits.ts';
import { CONGESTION_NAMES, type CongestionController, type CongestionName, createCongestion } from './registry.ts';

const MSS = 1000;
/** 'none' is there not to limit: what speaks of a limit does not hold for it. */
const LIMITING = CONGESTION_NAMES.filter((name) => name !== 'none');

const create = (name: CongestionName, seed = 1): CongestionController => createCongestion(name, MSS, seed);

function expectSane(cc: CongestionController, mssBytes: number): void {
  expect(Number.isInteger(cc.cwndBytes), `cwnd ${cc.cwndBytes} is whole bytes`).toBe(true);
  expect(cc.cwndBytes).toBeGreaterThanOrEqual(mssBytes);
  expect(cc.cwndBytes).toBeLessThanOrEqual(MAX_CWND_BYTES);
  expect(cc.ssthreshBytes).toBeGreaterThanOrEqual(mssBytes);
  expect(cc.ssthreshBytes).toBeLessThanOrEqual(MAX_CWND_BYTES);
  expect(cc.pacingBytesPerMs).toBeGreaterThan(0);
}

/** The numbers of a controller, hidden ones left out. */
const shown = (cc: CongestionController): number[] => [cc.cwndBytes, cc.ssthreshBytes, cc.pacingBytesPerMs];

describe.each(CONGESTION_NAMES)('%s, as every control by name [MAY-18]', (name) => {
  test('carries its name, and any order of events leaves cwnd between one segment and the largest window', () => {
    expect(create(name).name).toBe(name);
    fc.assert(
      fc.property(steps, fc.nat(), (list, seed) => {
        const drive = new Drive(createCongestion(name, MSS, seed), MSS);
        for (const step of list) {
          drive.take(step);
          expectSane(drive.cc, drive.mssBytes);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('is a function of its events and its seed: the same again gives the same', () => {
    fc.assert(
      fc.property(steps, fc.nat(), (list, seed) => {
        const [a, b] = [0, 1].map(() => new Drive(createCongestion(name, MSS, seed), MSS)) as [Drive, Drive];
        for (const step of list) {
          a.take(step);
          b.take(step);
          expect(shown(a.cc)).toEqual(shown(b.cc));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('makes no field while it works: the record has its shape from the start', () => {
    const cc = create(name);
    const before = Object.keys(cc);
    const drive = new Drive(cc, MSS);
    const all: Step['what'][] = [
      'ack',
      'mark',
      'ack',
      'loss',
      'ack',
      'exit',
      'rto',
      'rto',
      'ack',
      'undo',
      'idle',
      'mss',
    ];
    for (const what of all) drive.take({ what, bytes: MSS, ms: 20, limited: true });
    expect(Object.keys(cc)).toEqual(before);
  });
});

describe.each(LIMITING)('%s limits', (name) => {
  test('the MSS that the handshake agrees on sets the initial window (RFC 6928 §2)', () => {
    const cc = createCongestion(name, 536, 1);
    cc.onMss(1460);
    expect(cc.cwndBytes).toBe(INITIAL_CWND_SEGMENTS * 1460);
    cc.onMss(MSS);
    expect(cc.cwndBytes).toBe(INITIAL_CWND_SEGMENTS * MSS);
  });

  test('once data was acknowledged, a larger MSS only lifts cwnd to one segment of it', () => {
    const drive = new Drive(create(name), MSS);
    drive.ack(MSS, 10, true);
    const before = drive.cc.cwndBytes;
    drive.cc.onMss(MSS + 1);
    expect(drive.cc.cwndBytes).toBe(before);
    drive.cc.onMss(before + 1);
    expect(drive.cc.cwndBytes).toBeGreaterThanOrEqual(before + 1);
  });

  test('a window in full use grows by what was acknowledged, from the first ACK on (RFC 5681 §3.1) [MUST-19]', () => {
    const drive = new Drive(create(name), MSS);
    for (let i = 1; i < 5; i++) {
      drive.ack(2 * MSS, 10, true);
      expect(drive.cc.cwndBytes).toBe((INITIAL_CWND_SEGMENTS + 2 * i) * MSS);
    }
  });

  test('an RTO leaves at most two segments; what is acknowledged then lets it grow again [MUST-19]', () => {
    const drive = new Drive(create(name), MSS);
    drive.ack(10 * MSS, 10, true);
    drive.rto();
    expect(drive.cc.cwndBytes).toBeLessThanOrEqual(2 * MSS);
    drive.rto();
    expect(drive.cc.cwndBytes).toBeLessThanOrEqual(2 * MSS);
    const low = drive.cc.cwndBytes;
    drive.ack(MSS, 10, true);
    expect(drive.cc.cwndBytes).toBeGreaterThan(low);
  });

  test('an RTO that was a mistake is taken back whole (RFC 5682 §3)', () => {
    const drive = new Drive(create(name), MSS);
    drive.ack(10 * MSS, 10, true);
    const [cwnd, ssthresh] = shown(drive.cc) as [number, number];
    drive.rto();
    drive.undo();
    expect(drive.cc.cwndBytes).toBeGreaterThanOrEqual(cwnd);
    expect(drive.cc.ssthreshBytes).toBeGreaterThanOrEqual(ssthresh);
  });

  test('whatever the past: a loss that was a mistake is taken back whole (RFC 3522 §3.3)', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom('loss' as const, 'rto' as const), (list, what) => {
        const drive = new Drive(create(name), MSS);
        for (const step of list) drive.take(step);
        drive.settle();
        const [cwnd, ssthresh] = shown(drive.cc) as [number, number];
        drive.take({ what, bytes: 0, ms: 1, limited: true });
        expect(drive.cc.cwndBytes).toBeLessThanOrEqual(cwnd);
        drive.undo();
        expect(drive.cc.cwndBytes).toBeGreaterThanOrEqual(cwnd);
        expect(drive.cc.ssthreshBytes).toBeGreaterThanOrEqual(ssthresh);
      }),
      { numRuns: 100 },
    );
  });

  test('goes on from the window of another control, and a new MSS does not take it back', () => {
    const drive = new Drive(create(name), MSS);
    drive.cc.adopt(1000, 50 * MSS, 80 * MSS, 20);
    expect(drive.cc.cwndBytes).toBe(50 * MSS);
    drive.cc.onMss(MSS / 2);
    expect(drive.cc.cwndBytes).toBe(50 * MSS);
    drive.ack(10 * MSS, 20, true);
    expect(drive.cc.cwndBytes).toBeGreaterThanOrEqual(50 * MSS);
  });

  test('a pause never makes the window larger (RFC 5681 §4.1)', () => {
    for (const idleMs of [0, 199, 200, 201, 1000, 1e9]) {
      const drive = new Drive(create(name), MSS);
      drive.ack(10 * MSS, 10, true);
      const before = drive.cc.cwndBytes;
      drive.cc.onIdle(1000, idleMs, 200);
      expect(drive.cc.cwndBytes).toBeLessThanOrEqual(before);
      expect(drive.cc.cwndBytes).toBeGreaterThanOrEqual(INITIAL_CWND_SEGMENTS * MSS);
    }
  });
});

describe.each(LIMITING.filter((name) => !create(name).ownsRecovery))(
  '%s answers loss with a smaller window',
  (name) => {
    test('a loss and a mark reduce cwnd and ssthresh (RFC 5681 §3.2, RFC 3168 §6.1.2) [MUST-19]', () => {
      for (const what of ['loss', 'mark'] as const) {
        const drive = new Drive(create(name), MSS);
        drive.ack(10 * MSS, 10, true);
        drive.take({ what, bytes: 0, ms: 1, limited: true });
        expect(drive.cc.cwndBytes).toBeLessThan(20 * MSS);
        expect(drive.cc.ssthreshBytes).toBeLessThan(20 * MSS);
      }
    });

    test('leaves cwnd alone while recovery leads it (RFC 6937 §3)', () => {
      const drive = new Drive(create(name), MSS);
      drive.loss();
      drive.cc.cwndBytes = 3 * MSS;
      drive.ack(5 * MSS, 10, true);
      expect(drive.cc.cwndBytes).toBe(3 * MSS);
    });

    test('a window that was not in full use never grows, in any past (RFC 7661 §4.3, RFC 9438 §5.8)', () => {
      fc.assert(
        fc.property(steps, (list) => {
          const drive = new Drive(create(name), MSS);
          for (const step of list) drive.take(step);
          const before = drive.cc.cwndBytes;
          for (let i = 0; i < 10; i++) drive.ack(5 * MSS, 20, false);
          expect(drive.cc.cwndBytes).toBe(before);
        }),
        { numRuns: 100 },
      );
    });
  },
);

describe('none', () => {
  test('limits nothing, whatever happens', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const drive = new Drive(create('none'), MSS);
        for (const step of list) drive.take(step);
        expect(shown(drive.cc)).toEqual([MAX_CWND_BYTES, MAX_CWND_BYTES, Infinity]);
      }),
      { numRuns: 50 },
    );
  });
});
