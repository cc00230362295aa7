/** The state table: every arrow is walked by a script, and there is no other way to move. */

import { AssertionError } from '@tcpstack/bytes/assert';
import { describe, expect, test } from 'vitest';
import { at, script } from '../test/script.ts';
import { ack, fin, rst, syn, synAck } from '../test/segments.ts';
import {
  closeWait,
  closing,
  established,
  finWait1,
  finWait2,
  lastAck,
  synReceived,
  synSent,
  timeWait,
} from '../test/states.ts';
import {
  enter,
  hasClosed,
  isSynchronized,
  mayEnter,
  mayReceive,
  maySend,
  type TcpState,
  TRANSITIONS,
} from './state.ts';

const STATES: readonly TcpState[] = [
  'CLOSED',
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
];

/** Runs `act` and returns the states that the connection went through, the first included. */
function walk(tcb: { state: TcpState }, act: () => void): TcpState[] {
  const path = [tcb.state];
  let now = tcb.state;
  Object.defineProperty(tcb, 'state', {
    get: () => now,
    set: (to: TcpState) => {
      now = to;
      path.push(to);
    },
  });
  act();
  return path;
}

/** For each arrow a script that walks it; some take the next arrow in the same step. */
const WALKS: Record<string, () => TcpState[]> = {
  'CLOSED>LISTEN': () => {
    const t = script({ passive: true, loose: true });
    return walk(t.tcb, () => t.inject(at(0), syn()));
  },
  'CLOSED>SYN-SENT': () => {
    const t = script({ loose: true });
    return walk(t.tcb, () => t.connect());
  },
  'LISTEN>SYN-RECEIVED': () => {
    const t = script({ passive: true, loose: true });
    return walk(t.tcb, () => t.inject(at(0), syn()));
  },
  'SYN-SENT>SYN-RECEIVED': () => {
    const t = synSent({ loose: true });
    return walk(t.tcb, () => t.inject(at(0), syn()));
  },
  'SYN-SENT>ESTABLISHED': () => {
    const t = synSent({ loose: true });
    return walk(t.tcb, () => t.inject(at(0), synAck({ ack: 1 })));
  },
  'SYN-RECEIVED>ESTABLISHED': () => {
    const t = synReceived();
    return walk(t.tcb, () => t.inject(at(0), ack({ seq: 1, ack: 1 })));
  },
  'ESTABLISHED>FIN-WAIT-1': () => {
    const t = established({ loose: true });
    return walk(t.tcb, () => t.close());
  },
  'ESTABLISHED>CLOSE-WAIT': () => {
    const t = established({ loose: true });
    return walk(t.tcb, () => t.inject(at(0), fin({ seq: 1, ack: 1 })));
  },
  'FIN-WAIT-1>FIN-WAIT-2': () => {
    const t = finWait1();
    return walk(t.tcb, () => t.inject(at(0), ack({ seq: 1, ack: 2 })));
  },
  'FIN-WAIT-1>CLOSING': () => {
    const t = finWait1({ loose: true });
    return walk(t.tcb, () => t.inject(at(0), fin({ seq: 1, ack: 1 })));
  },
  'FIN-WAIT-2>TIME-WAIT': () => {
    const t = finWait2({ loose: true });
    return walk(t.tcb, () => t.inject(at(0), fin({ seq: 1, ack: 2 })));
  },
  'CLOSING>TIME-WAIT': () => {
    const t = closing();
    return walk(t.tcb, () => t.inject(at(0), ack({ seq: 2, ack: 2 })));
  },
  'CLOSE-WAIT>LAST-ACK': () => {
    const t = closeWait({ loose: true });
    return walk(t.tcb, () => t.close());
  },
  'LAST-ACK>CLOSED': () => {
    const t = lastAck();
    return walk(t.tcb, () => t.inject(at(0), ack({ seq: 2, ack: 2 })));
  },
  'TIME-WAIT>CLOSED': () => {
    const t = timeWait();
    return walk(t.tcb, () => t.wait(at(60_000)));
  },
};

/** Arrows of the diagram that we walk in two steps within one event: the states passed on the way. */
const TWO_STEPS: Record<string, () => TcpState[]> = {
  // "queue for processing after entering ESTABLISHED state" (§3.10.4): the CLOSE of SYN-RECEIVED.
  'SYN-RECEIVED>ESTABLISHED>FIN-WAIT-1': () => {
    const t = synReceived({ loose: true }).close();
    return walk(t.tcb, () => t.inject(at(0), ack({ seq: 1, ack: 1 })));
  },
  // A FIN needs an ACK beside it, and the ACK is looked at first (§3.10.7.4).
  'SYN-RECEIVED>ESTABLISHED>CLOSE-WAIT': () => {
    const t = synReceived({ loose: true });
    return walk(t.tcb, () => t.inject(at(0), fin({ seq: 1, ack: 1 })));
  },
  'FIN-WAIT-1>FIN-WAIT-2>TIME-WAIT': () => {
    const t = finWait1({ loose: true });
    return walk(t.tcb, () => t.inject(at(0), fin({ seq: 1, ack: 2 })));
  },
};

/** Requirements that an arrow proves. */
const LABELS: Record<string, string> = {
  'SYN-SENT>SYN-RECEIVED': ' [MUST-10]',
  'TIME-WAIT>CLOSED': ' [MUST-13]',
};

describe('the arrows of RFC 9293 §3.3.2, figure 5', () => {
  test.each(TRANSITIONS.map((t) => [t.from, t.to, t.on, t.section, LABELS[`${t.from}>${t.to}`] ?? '', t.via] as const))(
    '%s → %s: %s (§%s)%s',
    (from, to, _on, _section, _labels, via) => {
      if (via === undefined) expect(WALKS[`${from}>${to}`]?.().join('>')).toContain(`${from}>${to}`);
      else expect(TWO_STEPS[`${from}>${via}>${to}`]?.().join('>')).toBe(`${from}>${via}>${to}`);
    },
  );

  test('no walk is left over', () => {
    expect(Object.keys(WALKS).length + Object.keys(TWO_STEPS).length).toBe(TRANSITIONS.length);
  });

  test.each([
    ['SYN-SENT', synSent],
    ['SYN-RECEIVED', synReceived],
    ['ESTABLISHED', established],
    ['FIN-WAIT-1', finWait1],
    ['FIN-WAIT-2', finWait2],
    ['CLOSE-WAIT', closeWait],
    ['CLOSING', closing],
    ['LAST-ACK', lastAck],
    ['TIME-WAIT', timeWait],
  ] as const)('%s > CLOSED: an abort', (state, build) => {
    const t = build();
    expect(walk(t.tcb, () => t.abort())).toEqual([state, 'CLOSED']);
  });
});

describe('whole lives (RFC 9293 §3.5, §3.6)', () => {
  test('opened and closed from here: figures 6 and 12', () => {
    const t = script({ loose: true });
    const path = walk(t.tcb, () => {
      t.connect().inject(at(0), synAck({ ack: 1 }));
      t.close().inject(at(0), ack({ seq: 1, ack: 2 }));
      t.inject(at(0), fin({ seq: 1, ack: 2 })).wait(at(60_000));
    });
    const end = ['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED'];
    expect(path).toEqual(['CLOSED', 'SYN-SENT', 'ESTABLISHED', ...end]);
  });

  test('opened and closed from there', () => {
    const t = script({ passive: true, loose: true });
    const path = walk(t.tcb, () => {
      t.inject(at(0), syn()).inject(at(0), ack({ seq: 1, ack: 1 }));
      t.inject(at(0), fin({ seq: 1, ack: 1 })).close();
      t.inject(at(0), ack({ seq: 2, ack: 2 }));
    });
    const end = ['CLOSE-WAIT', 'LAST-ACK', 'CLOSED'];
    expect(path).toEqual(['CLOSED', 'LISTEN', 'SYN-RECEIVED', 'ESTABLISHED', ...end]);
  });

  test('opened and closed from both sides at once: figures 7 and 13 [MUST-10]', () => {
    const t = script({ loose: true });
    const path = walk(t.tcb, () => {
      t.connect()
        .inject(at(0), syn())
        .inject(at(0), synAck({ ack: 1 }));
      t.close().inject(at(0), fin({ seq: 1, ack: 1 }));
      t.inject(at(0), ack({ seq: 2, ack: 2 })).wait(at(60_000));
    });
    const end = ['FIN-WAIT-1', 'CLOSING', 'TIME-WAIT', 'CLOSED'];
    expect(path).toEqual(['CLOSED', 'SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED', ...end]);
  });
});

describe('enter', () => {
  test('refuses every pair that is neither an arrow nor an abort, and changes nothing', () => {
    let refused = 0;
    for (const from of STATES) {
      for (const to of STATES) {
        const arrow = TRANSITIONS.some((t) => t.from === from && t.to === to);
        const abort = to === 'CLOSED' && from !== 'CLOSED';
        const tcb = { state: from };
        expect(mayEnter(from, to)).toBe(arrow || abort);
        if (arrow || abort) {
          enter(tcb, to);
          expect(tcb.state).toBe(to);
        } else {
          expect(() => enter(tcb, to)).toThrow(AssertionError);
          expect(tcb.state).toBe(from);
          refused++;
        }
      }
    }
    expect(refused).toBe(121 - 16 - 10);
  });

  test('no arrow stands twice in the table', () => {
    expect(new Set(TRANSITIONS.map((t) => `${t.from}>${t.to}`)).size).toBe(TRANSITIONS.length);
  });
});

test('the questions about states (§3.3.2, §3.10)', () => {
  const where = (holds: (state: TcpState) => boolean) => STATES.filter(holds);
  expect(where(isSynchronized)).toEqual(STATES.slice(4));
  expect(where(maySend)).toEqual(['ESTABLISHED', 'CLOSE-WAIT']);
  expect(where(mayReceive)).toEqual(['ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2']);
  expect(where(hasClosed)).toEqual(['FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSING', 'LAST-ACK', 'TIME-WAIT']);
});

test('a reset in SYN-RECEIVED does not go back to LISTEN: the half-open connection has a TCB of its own', () => {
  const t = synReceived();
  expect(walk(t.tcb, () => t.inject(at(0), rst({ seq: 1 })))).toEqual(['SYN-RECEIVED', 'CLOSED']);
});
