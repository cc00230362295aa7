/** Colour for a terminal, nothing for a file. */

import { styleText } from 'node:util';

/** What a piece of text is about. */
export type Ink = 'dim' | 'bold' | 'client' | 'server' | 'open' | 'data' | 'close' | 'reset' | 'http' | 'title';

type Format = Parameters<typeof styleText>[0];

const FORMATS: Readonly<Record<Ink, Format>> = {
  dim: 'dim',
  bold: 'bold',
  client: 'cyan',
  server: 'magenta',
  open: ['green', 'bold'],
  data: 'bold',
  close: ['yellow', 'bold'],
  reset: ['red', 'bold'],
  http: 'blue',
  title: ['bold', 'underline'],
};

/** Paints text, or leaves it alone. */
export type Paint = (ink: Ink, text: string) => string;

export const plain: Paint = (_ink, text) => text;

export const coloured: Paint = (ink, text) => styleText(FORMATS[ink], text, { validateStream: false });

/** Colour when `stream` is a terminal that has it; `NO_COLOR` and `FORCE_COLOR` decide otherwise. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  const { env } = process;
  if (env['FORCE_COLOR'] !== undefined)
    return env['FORCE_COLOR'] === '0' || env['FORCE_COLOR'] === 'false' ? plain : coloured;
  if ((env['NO_COLOR'] ?? '') !== '' || !stream.isTTY) return plain;
  return stream.hasColors() ? coloured : plain;
}
