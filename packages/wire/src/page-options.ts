/** The lines of a page that show TCP options. */

import type { DecodedTcpOption } from './decode-options.ts';
import { hex } from './hex.ts';

const NAMES: Readonly<Record<DecodedTcpOption['name'], string>> = {
  end: 'end of option list',
  nop: 'no operation',
  mss: 'maximum segment size',
  'window-scale': 'window scale',
  'sack-permitted': 'SACK permitted',
  sack: 'SACK',
  timestamps: 'timestamps',
  unknown: 'unknown',
  malformed: 'malformed',
  padding: 'padding',
};

/** Kind, length and value of each option on a line of its own; then the padding of the header. */
export function optionLines(options: readonly DecodedTcpOption[]): string[] {
  return options.flatMap(linesOf);
}

function linesOf(option: DecodedTcpOption): string[] {
  if (option.name === 'padding') return [`TCP: Header Padding = 0x${option.hex}`];
  const kind = `TCP: Option Kind (${NAMES[option.name]}) = ${option.kind} (${hex(option.kind, 2)})`;
  // The two kinds of one byte have no length field, and the length of a damaged option means nothing.
  if (option.name === 'end' || option.name === 'nop') return [kind];
  if (option.name === 'malformed') return [kind, `TCP:   Bytes = 0x${option.hex}`];
  return [kind, `TCP:   Option Length = ${option.lengthBytes} (${hex(option.lengthBytes, 2)})`, ...valueLines(option)];
}

function valueLines(option: DecodedTcpOption): string[] {
  switch (option.name) {
    case 'mss':
      return [`TCP:   Option Value = ${option.mssBytes} (${hex(option.mssBytes, 4)})`];
    case 'window-scale':
      return [`TCP:   Option Value = ${option.shift} (${hex(option.shift, 2)})`];
    case 'timestamps':
      return [
        `TCP:   Timestamp Value = ${option.tsVal} (${hex(option.tsVal, 8)})`,
        `TCP:   Timestamp Echo Reply = ${option.tsEcr} (${hex(option.tsEcr, 8)})`,
      ];
    case 'sack':
      return option.blocks.map(
        ({ left, right }) => `TCP:   Block = ${left}-${right} (${hex(left, 8)}-${hex(right, 8)})`,
      );
    case 'unknown':
      return [`TCP:   Bytes = 0x${option.hex}`];
    default:
      return [];
  }
}
