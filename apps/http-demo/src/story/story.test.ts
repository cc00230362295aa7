import { beforeAll, describe, expect, it } from 'vitest';
import type { SegmentEvent, StateEvent, StoryEvent, SyscallEvent } from './events.ts';
import { runExchange } from './exchange.ts';
import { closingCount, openingCount } from './summary.ts';

/** One real run; every row of the table of a connection's life must be found in what it recorded. */
let events: StoryEvent[] = [];
let segments: SegmentEvent[] = [];
let calls: SyscallEvent[] = [];

beforeAll(async () => {
  events = await runExchange();
  segments = events.filter((event) => event.type === 'segment');
  calls = events.filter((event) => event.type === 'syscall');
});

function callsOf(host: string): string[] {
  return calls
    .filter((each) => each.host === host && each.error !== 'EAGAIN')
    .map(({ call, args, result, error }) => `${call}(${args.slice(0, 3).join()})=${error ?? JSON.stringify(result)}`);
}

function statesOf(host: string): string[] {
  const changes = events.filter((event): event is StateEvent => event.type === 'state' && event.host === host);
  return changes.filter(({ remote }) => remote !== null).map(({ to }) => to);
}

describe('opening, at the server', () => {
  it('shows socket(), bind() and listen() with the lowest free descriptor, and LISTEN with its backlog', () => {
    const [socket, , bind, listen] = callsOf('server');
    expect([socket, bind, listen]).toEqual(['socket(AF_INET)=3', 'bind(3,10.77.0.2,80)=0', 'listen(3,8)=0']);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'state', host: 'server', fd: 3, from: 'CLOSED', to: 'LISTEN' }),
    );
    expect(events.find((event) => event.type === 'queue')).toMatchObject({
      backlogSegs: 8,
      synQueueLength: 0,
      acceptQueueLength: 0,
    });
  });

  it('shows how a SYN fills the SYN queue, its ACK moves the entry to the accept queue, and accept() takes it', () => {
    const lengths = events.flatMap((event) =>
      event.type === 'queue' ? [[event.synQueueLength, event.acceptQueueLength]] : [],
    );
    expect(lengths).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
    expect(segments[0]?.queues).toEqual({ synQueueLength: 1, acceptQueueLength: 0 });
    expect(segments[2]?.queues).toEqual({ synQueueLength: 0, acceptQueueLength: 1 });
    const accept = calls.find(({ call, error }) => call === 'accept' && error === undefined);
    expect(accept).toMatchObject({ args: [3], result: 4, queues: { synQueueLength: 0, acceptQueueLength: 0 } });
  });

  it('shows SYN-ACK with a number of its own, ack x+1 and an MSS', () => {
    const [syn, synAck] = segments as [SegmentEvent, SegmentEvent];
    expect([...synAck.flags].sort()).toEqual(['ACK', 'SYN']);
    expect(synAck.ack).toBe((syn.seq + 1) >>> 0);
    expect(synAck.seq).not.toBe(syn.seq);
    expect(synAck.options).toContainEqual(expect.objectContaining({ name: 'mss', mssBytes: 1460 }));
  });
});

describe('opening, at the client', () => {
  it('shows connect() that picks a port, and SYN with an MSS from SYN-SENT', () => {
    expect(callsOf('client').slice(0, 2)).toEqual(['socket(AF_INET)=3', 'connect(3,10.77.0.2,80)=EINPROGRESS']);
    const [syn] = segments as [SegmentEvent];
    expect(syn).toMatchObject({ from: 'client', flags: ['SYN'], ack: null, seqRelative: 0, senderState: 'SYN-SENT' });
    expect(syn.source.port).toBeGreaterThan(1023);
    expect(syn.options).toContainEqual(expect.objectContaining({ name: 'mss' }));
  });

  it('shows ACK with seq x+1 and ack y+1, and ESTABLISHED at both ends after it', () => {
    const [syn, synAck, ack] = segments as [SegmentEvent, SegmentEvent, SegmentEvent];
    expect(ack).toMatchObject({ from: 'client', flags: ['ACK'], payloadBytes: 0, seqRelative: 1, ackRelative: 1 });
    expect(ack.seq).toBe((syn.seq + 1) >>> 0);
    expect(ack.ack).toBe((synAck.seq + 1) >>> 0);
    expect(ack).toMatchObject({ senderState: 'ESTABLISHED', receiverState: 'ESTABLISHED' });
    expect(openingCount(segments)).toBe(3);
  });

  it('counts from new initial numbers in the next run', async () => {
    const again = (await runExchange()).filter((event) => event.type === 'segment');
    expect(again[0]?.seq).not.toBe(segments[0]?.seq);
    expect(again[1]?.seq).not.toBe(segments[1]?.seq);
  });
});

describe('data', () => {
  it('acknowledges seq + length of what arrived', () => {
    const request = segments.find(({ startLine }) => startLine === 'GET / HTTP/1.1') as SegmentEvent;
    const answer = segments.find(({ startLine }) => startLine === 'HTTP/1.1 200 OK') as SegmentEvent;
    expect(request.from).toBe('client');
    expect(answer.ack).toBe((request.seq + request.payloadBytes) >>> 0);
  });

  it('reads at one end what was written at the other', () => {
    const moved = (host: string, call: string): number =>
      calls.reduce(
        (sum, each) => (each.host === host && each.call === call ? sum + Math.max(0, each.result as number) : sum),
        0,
      );
    expect(moved('client', 'read')).toBe(moved('server', 'write'));
    expect(moved('server', 'read')).toBe(moved('client', 'write'));
    expect(moved('client', 'read')).toBeGreaterThan(4000);
  });

  it('tells the HTTP exchange at the end that noticed it', () => {
    const http = events.filter((event) => event.type === 'http');
    expect(http.map(({ host, text }) => `${host}: ${text}`)).toEqual([
      'server: GET / HTTP/1.1',
      'client: HTTP/1.1 200 OK',
      'client: text/html; charset=utf-8',
    ]);
    expect(http[2]?.bytes).toBeGreaterThan(4000);
  });
});

describe('closing', () => {
  it('takes four segments: FIN, its ACK, FIN the other way, its ACK', () => {
    expect(closingCount(segments)).toBe(4);
    const close = segments.slice(-4);
    expect(close.map(({ from, flags }) => `${from} ${flags.includes('FIN') ? 'FIN ' : ''}ACK`)).toEqual([
      'client FIN ACK',
      'server ACK',
      'server FIN ACK',
      'client ACK',
    ]);
  });

  it('takes one sequence number for each FIN', () => {
    const [fin, ack, finBack, last] = segments.slice(-4) as [SegmentEvent, SegmentEvent, SegmentEvent, SegmentEvent];
    expect(ack.ack).toBe((fin.seq + 1) >>> 0);
    expect(last.ack).toBe((finBack.seq + 1) >>> 0);
  });

  it("goes through the RFC's states by their names, each side in its order (RFC 9293 §3.3.2)", () => {
    expect(statesOf('client')).toEqual(['SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT']);
    expect(statesOf('server')).toEqual(['SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT', 'LAST-ACK', 'CLOSED']);
  });

  it('shows shutdown() and close() on both sides', () => {
    expect(callsOf('client').slice(-3)).toEqual(['shutdown(3,SHUT_WR)=0', 'read(3,65536)=0', 'close(3)=0']);
    expect(callsOf('server').slice(-3)).toEqual(['read(4,65536)=0', 'shutdown(4,SHUT_WR)=0', 'close(4)=0']);
  });

  it('leaves the client in TIME-WAIT for 2 MSL, and the listener listening', () => {
    const wait = events.find((event) => event.type === 'time-wait');
    expect(wait).toMatchObject({ host: 'client' });
    expect(wait?.remainingMs).toBeGreaterThan(59_000);
    expect(wait?.remainingMs).toBeLessThanOrEqual(60_000);
    const sockets = events.filter((event) => event.type === 'socket');
    expect(sockets.map(({ host, fd, state }) => [host, fd, state])).toEqual([
      ['client', -1, 'TIME-WAIT'],
      ['server', 3, 'LISTEN'],
    ]);
  });
});

describe('the record', () => {
  it('has every segment arrived, with a checksum that verifies', () => {
    for (const segment of segments) {
      expect(segment.checksumValid).toBe(true);
      expect(segment.arrivedMs).toBeGreaterThanOrEqual(segment.timeMs);
    }
  });

  it('survives JSON, one object a line, each with a type and a time', () => {
    for (const event of events) {
      const line = JSON.stringify(event);
      expect(line).not.toContain('\n');
      expect(JSON.parse(line)).toEqual(event);
      expect(event.timeMs).toBeGreaterThanOrEqual(0);
    }
  });
});
