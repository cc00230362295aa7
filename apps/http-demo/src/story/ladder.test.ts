import { describe, expect, it } from 'vitest';
import type { SegmentEvent, StoryEvent, SyscallEvent } from './events.ts';
import { drawLadder } from './ladder.ts';
import { coloured, plain } from './paint.ts';

const SYN: SegmentEvent = {
  type: 'segment',
  timeMs: 1.5,
  arrivedMs: 1.6,
  from: 'client',
  to: 'server',
  source: { address: '10.77.0.1', port: 40_000 },
  destination: { address: '10.77.0.2', port: 80 },
  flags: ['SYN'],
  seq: 3_735_928_559,
  seqRelative: 0,
  ack: null,
  ackRelative: null,
  window: 65_535,
  options: [{ name: 'mss', kind: 2, lengthBytes: 4, mssBytes: 1460 }],
  payloadBytes: 0,
  startLine: '',
  checksumValid: true,
  senderState: 'SYN-SENT',
  receiverState: 'SYN-RECEIVED',
  queues: { synQueueLength: 1, acceptQueueLength: 0 },
};
const SYN_ACK: SegmentEvent = {
  ...SYN,
  timeMs: 2,
  from: 'server',
  to: 'client',
  flags: ['ACK', 'SYN'],
  seq: 7,
  ack: 3_735_928_560,
  ackRelative: 1,
  senderState: 'SYN-RECEIVED',
  receiverState: 'ESTABLISHED',
};
const LISTEN: SyscallEvent = {
  type: 'syscall',
  timeMs: 1,
  host: 'server',
  call: 'listen',
  args: [3, 8],
  result: 0,
  state: 'LISTEN',
  queues: { synQueueLength: 0, acceptQueueLength: 0 },
};

function draw(events: StoryEvent[], columns = 110): string[] {
  return drawLadder(events, { columns, paint: plain });
}

describe('drawLadder', () => {
  it('draws a segment as an arrow from sender to receiver, between the states of both, beside the queues', () => {
    const [, , , , row, options] = draw([SYN]);
    expect(row).toMatch(/^ {3}1\.500 {2}SYN-SENT {6}── SYN seq 0 \(3735928559\) len 0 ─+▶ {2}SYN-RECEIVED {4}1 {3}0$/);
    expect(options?.trim()).toBe('win 65535, mss 1460');
  });

  it('points the arrow of the other side to the left, and says SYN ACK as people do', () => {
    const row = draw([SYN, SYN_ACK]).find((line) => line.includes('SYN ACK'));
    expect(row).toMatch(/ESTABLISHED {3}◀─ SYN ACK seq 0 \(7\) ack 1 \(3735928560\) len 0 ─+ {2}SYN-RECEIVED/);
  });

  it('puts a call at the side of its host, with its answer', () => {
    const row = draw([LISTEN]).find((line) => line.includes('listen(')) ?? '';
    expect(row).toMatch(/ {10}listen\(3, 8\) = 0 {2}LISTEN {10}0 {3}0$/);
  });

  it('leaves out calls that only said EAGAIN', () => {
    expect(draw([{ ...LISTEN, call: 'read', result: -1, error: 'EAGAIN' }])).toEqual([]);
  });

  it.each([80, 90, 100, 120])('stays within %i columns', (columns) => {
    const long = {
      ...SYN_ACK,
      payloadBytes: 1448,
      seqRelative: 123_456_789,
      ackRelative: 987_654_321,
      startLine: 'GET / HTTP/1.1',
    };
    for (const line of draw([LISTEN, SYN, long], columns)) expect(line.length).toBeLessThanOrEqual(columns);
  });

  it('gives the numbers on the wire a line of their own where the arrow is too short for them', () => {
    const lines = draw([SYN_ACK], 90);
    expect(lines.some((line) => line.includes('SYN ACK seq 0 ack 1'))).toBe(true);
    expect(lines.some((line) => line.trim() === 'on the wire: seq 7 ack 3735928560')).toBe(true);
  });

  it('says so when a segment did not arrive, and leaves the receiver as it was', () => {
    const lines = draw([LISTEN, { ...SYN, arrivedMs: null, receiverState: '', queues: null }]);
    expect(lines.find((line) => line.includes('SYN seq'))).toMatch(/LISTEN {10}0 {3}0$/);
    expect(lines.at(-1)?.trim()).toBe('lost on the way');
  });

  it('adds nothing but colour to a terminal', () => {
    const events = [LISTEN, SYN, SYN_ACK];
    const painted = drawLadder(events, { columns: 110, paint: coloured }).join('\n');
    expect(painted).toContain('\u001b[');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour is made of control characters
    expect(painted.replace(/\u001b\[[0-9;]*m/g, '').replace(/ +$/gm, '')).toBe(
      draw(events).join('\n').replace(/ +$/gm, ''),
    );
  });
});
