/** A group of tests that need the kernel as their peer: runs where it can, says in one line why where it cannot. */

import { whyNoNamespaces } from '@tcpstack/netns/requirements';
import { describe } from 'vitest';

/** A bound for one test; stalls are found much earlier by the sides themselves. */
const TEST_MS = 90_000;

/** Like `describe`. With `CI` set nothing is skipped: the group fails instead. */
export function kernelSuite(title: string, programs: readonly string[], body: () => void): void {
  const reason = whyNoNamespaces(...programs);
  const name = reason === undefined ? title : `${title} (${reason})`;
  describe.skipIf(reason !== undefined)(name, { timeout: TEST_MS }, body);
}

/** The two ways a connection between the kernel and us can be opened, for titles and for `World.roles`. */
export const ROLES = [
  { opening: 'the kernel connects to us', client: 'kernel' },
  { opening: 'we connect to the kernel', client: 'ours' },
] as const;

/** With super-segments and sums left to the kernel, and with everything done by us. */
export const OFFLOADS = [
  { mode: 'with offload', offload: true },
  { mode: 'without offload', offload: false },
] as const;

/** Both for IPv4; what the family changes has little to do with offloads, so IPv6 takes one of them. */
export const FAMILY_OFFLOADS = [
  { way: 'over IPv4 with offload', family: 4, offload: true },
  { way: 'over IPv4 without offload', family: 4, offload: false },
  { way: 'over IPv6 with offload', family: 6, offload: true },
] as const;
