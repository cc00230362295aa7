/** What stands around the ladder: who talks to whom, and what it came to. */

import type { HostName, SegmentEvent, SocketEvent, StoryEvent } from './events.ts';
import type { Paint } from './paint.ts';

/** Lines above the ladder. */
export function introduce(events: readonly StoryEvent[], paint: Paint): string[] {
  const names = events.flatMap((event) =>
    event.type === 'host' ? [`${paint(event.host, event.host)} ${event.address} (MTU ${event.mtuBytes})`] : [],
  );
  const backlog = events.find((event) => event.type === 'queue')?.backlogSegs;
  return [
    `${paint('bold', 'One connection over our own TCP')}: ${names.join(' and ')}, two hosts in this process.`,
    paint('dim', 'Sequence numbers count from the initial ones; in parentheses, the numbers on the wire.'),
    paint('dim', `SYN and acc: connections in the listener's SYN queue and accept queue (backlog ${backlog ?? 0}).`),
    '',
  ];
}

/** Lines below the ladder. */
export function summarize(events: readonly StoryEvent[], paint: Paint): string[] {
  const segments = events.filter((event) => event.type === 'segment');
  const sockets = events.filter((event) => event.type === 'socket');
  const lastMs = segments.at(-1)?.timeMs ?? 0;
  const firstMs = segments[0]?.timeMs ?? 0;
  return [
    '',
    paint('title', 'Sockets now'),
    ...socketTable(sockets, paint),
    '',
    `${segments.length} segments in ${(lastMs - firstMs).toFixed(1)} ms: ${openingCount(segments)} opened the connection, ` +
      `${closingCount(segments)} closed it, ${retransmissionCount(segments)} sent again.`,
    `${payloadBytes(segments, 'client')} bytes went to the server, ${payloadBytes(segments, 'server')} bytes to the client.`,
  ];
}

/** Segments until the one with which the second end reached ESTABLISHED. */
export function openingCount(segments: readonly SegmentEvent[]): number {
  return 1 + segments.findIndex((each) => each.senderState === 'ESTABLISHED' && each.receiverState === 'ESTABLISHED');
}

/** Segments from the first FIN on. */
export function closingCount(segments: readonly SegmentEvent[]): number {
  const first = segments.findIndex(({ flags }) => flags.includes('FIN'));
  return first < 0 ? 0 : segments.length - first;
}

/** Segments with bytes that their sender had sent before. */
function retransmissionCount(segments: readonly SegmentEvent[]): number {
  const sentTo: Record<HostName, number> = { client: 0, server: 0 };
  let count = 0;
  for (const { from, seqRelative, payloadBytes, flags } of segments) {
    const end = seqRelative + payloadBytes + (flags.includes('SYN') || flags.includes('FIN') ? 1 : 0);
    if (end > seqRelative && end <= sentTo[from]) count++;
    sentTo[from] = Math.max(sentTo[from], end);
  }
  return count;
}

function payloadBytes(segments: readonly SegmentEvent[], from: HostName): string {
  const bytes = segments.reduce((sum, each) => sum + (each.from === from ? each.payloadBytes : 0), 0);
  return bytes.toLocaleString('en-US');
}

function socketTable(sockets: readonly SocketEvent[], paint: Paint): string[] {
  const row = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(SOCKET_COLUMNS[i] ?? 0))
      .join(' ')
      .trimEnd();
  return [
    paint('dim', row(['host', 'fd', 'state', 'recv-q', 'send-q', 'local', 'peer'])),
    ...sockets.map(({ host, fd, state, recvQueueBytes, sendQueueBytes, local, remote }) =>
      row([
        host,
        fd < 0 ? '-' : String(fd),
        state,
        String(recvQueueBytes),
        String(sendQueueBytes),
        `${local.address}:${local.port}`,
        remote === null ? '*' : `${remote.address}:${remote.port}`,
      ]),
    ),
  ];
}

const SOCKET_COLUMNS = [7, 3, 13, 7, 7, 22, 22];
