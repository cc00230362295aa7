/** Who may import what: the table of the layers as data. Keep it from growing. */

/** The rules for one package. */
export interface PackageRules {
  /** The folder's name under `packages/`, which is also the name within the scope. */
  readonly name: string;
  /** Core packages run anywhere: no `node:`, no clock, no timer, no randomness. */
  readonly side: 'core' | 'platform';
  /** Other packages of ours that it may import, by folder name. */
  readonly ours: readonly string[];
  /** Packages of others that it may import. */
  readonly others: readonly string[];
}

/** The scope under which every package of ours is named. */
export const SCOPE = '@tcpstack/';

/** Top to bottom is bottom to top of the stack: a row may only name rows above it. */
export const RULES: readonly PackageRules[] = [
  { name: 'bytes', side: 'core', ours: [], others: [] },
  { name: 'seq', side: 'core', ours: [], others: [] },
  { name: 'wire', side: 'core', ours: ['bytes', 'seq'], others: [] },
  { name: 'ip', side: 'core', ours: ['bytes', 'wire'], others: [] },
  { name: 'tcp', side: 'core', ours: ['bytes', 'seq', 'wire'], others: [] },
  { name: 'sockets', side: 'core', ours: ['bytes', 'seq', 'wire', 'ip', 'tcp'], others: [] },
  { name: 'sim', side: 'core', ours: ['bytes', 'seq', 'wire', 'ip', 'tcp', 'sockets'], others: [] },
  {
    name: 'runtime',
    side: 'platform',
    ours: ['bytes', 'seq', 'wire', 'ip', 'tcp', 'sockets'],
    others: ['@types/node'],
  },
  { name: 'tun', side: 'platform', ours: ['bytes', 'wire', 'runtime'], others: ['koffi', '@types/node'] },
  { name: 'net', side: 'platform', ours: ['runtime', 'sockets', 'tun'], others: ['@types/node'] },
];

/** What a test may import besides what its package declares. */
export const TEST_TOOLS: readonly string[] = ['vitest', 'fast-check'];

/** A source file longer than this is listed (not refused): it probably has more than one reason to exist. */
export const LONG_FILE_LINES = 300;
