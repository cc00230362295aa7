/** sysctl(8): the settings by the kernel's names, read and set while the Host runs. */

import { EACCES, ENOENT } from './errno.ts';
import type { Kernel } from './kernel.ts';
import { spreadNeighbours } from './neighbour-settings.ts';
import { createOptionValues } from './option-values.ts';
import type { Settings } from './settings.ts';
import { spreadSettings } from './shared-settings.ts';
import { IP_ROWS } from './sysctl-ip.ts';
import { NEIGHBOUR_ROWS } from './sysctl-neighbours.ts';
import { PORT_ROWS } from './sysctl-ports.ts';
import { atLeast, type SysctlRow, whole } from './sysctl-row.ts';
import { TCP_ROWS } from './sysctl-tcp.ts';

export type { SysctlRow } from './sysctl-row.ts';

const OTHER_ROWS: readonly SysctlRow[] = [
  whole('fs.file-max', 'filesMax', atLeast(0), {
    linux: 'a share of the memory',
    does: 'Sockets and epoll instances of all owners that may be open; beyond it ENFILE.',
  }),
  whole('fs.epoll.max_user_watches', 'epollWatchesMax', atLeast(0), {
    linux: 'a share of the memory',
    does: 'Watches of all epoll instances; beyond it ENOSPC.',
  }),
  whole('net.core.somaxconn', 'somaxconn', atLeast(0), {
    linux: '4096',
    does: 'Cap of the backlog of listen(), when it is called.',
  }),
  whole('net.core.rmem_max', 'receiveBufferAskedMaxBytes', atLeast(2304), {
    linux: '212992',
    does: 'The most that SO_RCVBUF gives.',
  }),
  whole('net.core.wmem_max', 'sendBufferAskedMaxBytes', atLeast(4608), {
    linux: '212992',
    does: 'The most that SO_SNDBUF gives.',
  }),
];

/** Every row, by name. */
export const SYSCTL_ROWS: readonly SysctlRow[] = [
  ...OTHER_ROWS,
  ...IP_ROWS,
  ...NEIGHBOUR_ROWS,
  ...PORT_ROWS,
  ...TCP_ROWS,
].sort((a, b) => (a.name < b.name ? -1 : 1));

const BY_NAME: ReadonlyMap<string, SysctlRow> = new Map(SYSCTL_ROWS.map((row) => [row.name, row]));

/** The settings of one Host. Changes hold for connections that live, where Linux reads the value then; see docs/sysctl.md. */
export class Sysctl {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Every name, in order. */
  names(): string[] {
    return SYSCTL_ROWS.map(({ name }) => name);
  }

  /** The value as the kernel prints it; -ENOENT for a name that there is not. */
  get(name: string): string | number {
    return BY_NAME.get(name)?.get(this.#kernel.settings) ?? -ENOENT;
  }

  /** 0; -ENOENT, -EACCES for what can only be read, -EINVAL for a value that it does not take. */
  set(name: string, value: string | number): number {
    const row = BY_NAME.get(name);
    if (row === undefined) return -ENOENT;
    if (row.set === null) return -EACCES;
    const before = { ...this.#kernel.settings };
    const outcome = row.set(this.#kernel.settings, String(value));
    if (outcome === 0) spread(this.#kernel, before);
    return outcome;
  }
}

/** Hands what was set to those who keep a copy of it. */
function spread(kernel: Kernel, before: Settings): void {
  const { settings, shared } = kernel;
  spreadSettings(kernel);
  spreadNeighbours(kernel, before);
  shared.challenges.perSecond = settings.challengeAcksPerSecond;
  kernel.optionValues = createOptionValues(settings);
}
