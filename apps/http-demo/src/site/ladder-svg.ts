/** The segments of a connection as a drawing: the peer to the left, our stack to the right. */

import { flagsText, optionsText, relativeText } from '../story/segment-text.ts';
import type { SeenSegment, SegmentLog } from '../watch/track.ts';
import { escapeHtml } from './html.ts';

const WIDTH = 800;
/** The two lines of life. */
const LEFT = 110;
const RIGHT = 770;
const MIDDLE = (LEFT + RIGHT) / 2;
const HEAD = 34;
const ROW = 30;

export function ladderSvg({ first, omitted, latest }: SegmentLog): string {
  const rows = [
    ...first.map(arrow),
    ...(omitted > 0 ? [() => note(`… ${omitted.toLocaleString('en-US')} more segments …`)] : []),
    ...latest.map(arrow),
  ];
  const height = HEAD + rows.length * ROW;
  const drawn = rows.map((row, i) => `<g transform="translate(0 ${HEAD + i * ROW})">${row()}</g>`);
  const count = first.length + omitted + latest.length;
  return (
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${count} segments of this connection">` +
    `<path class="life" d="M${LEFT} 20V${height}M${RIGHT} 20V${height}"/>` +
    `<text x="0" y="14" class="dim">ms</text>` +
    `<text x="${LEFT}" y="14" text-anchor="middle">your end</text>` +
    `<text x="${RIGHT}" y="14" text-anchor="end">our stack</text>` +
    `${drawn.join('\n')}</svg>`
  );
}

function arrow(segment: SeenSegment): () => string {
  return () => {
    const fromYou = segment.direction === 'in';
    const y = ROW - 10;
    const line = fromYou
      ? `M${LEFT} ${y}H${RIGHT}M${RIGHT - 8} ${y - 4}L${RIGHT} ${y}L${RIGHT - 8} ${y + 4}`
      : `M${RIGHT} ${y}H${LEFT}M${LEFT + 8} ${y - 4}L${LEFT} ${y}L${LEFT + 8} ${y + 4}`;
    return (
      `<g class="${classOf(segment)}"><title>${escapeHtml(wireText(segment))}</title>` +
      `<text x="0" y="${y + 4}" class="dim">${segment.timeMs.toFixed(3)}</text>` +
      `<text x="${MIDDLE}" y="${y - 5}" text-anchor="middle">${escapeHtml(labelOf(segment))}</text>` +
      `<path d="${line}"/></g>`
    );
  };
}

function note(text: string): string {
  return `<text x="${MIDDLE}" y="${ROW - 10}" text-anchor="middle" class="dim">${escapeHtml(text)}</text>`;
}

/** "SYN seq 0 len 0, win 64240, mss 1460, ...": options where they are agreed, and what a payload begins with. */
function labelOf(segment: SeenSegment): string {
  const words = `${flagsText(segment)} ${relativeText(segment)}`;
  // The numbers of timestamps are behind the arrow.
  if (segment.flags.includes('SYN')) return `${words}, ${optionsText(segment).replace(/TS val \d+ ecr \d+/, 'TS')}`;
  return segment.content === '' ? words : `${words} · ${segment.content}`;
}

/** Behind the arrow, for who rests there: the numbers on the wire. */
function wireText(segment: SeenSegment): string {
  const ack = segment.ack === null ? '' : `, ack ${segment.ack}`;
  return `on the wire: seq ${segment.seq}${ack}, ${optionsText(segment)}`;
}

function classOf({ flags, payloadBytes }: SeenSegment): string {
  if (flags.includes('RST')) return 'reset';
  if (flags.includes('SYN')) return 'open';
  if (flags.includes('FIN')) return 'close';
  return payloadBytes > 0 ? 'data' : 'ack';
}
