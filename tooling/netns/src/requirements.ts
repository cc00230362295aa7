/** Whether tests with the kernel as the peer can run here, and why not. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * The reason why tests in network namespaces cannot run here, as one line; undefined when they can.
 *
 * @param commands Programs that the tests need besides `ip`.
 * @throws {Error} With `CI` set: there a skipped test would be a hole nobody sees.
 */
export function whyNoNamespaces(...commands: string[]): string | undefined {
  const reason = findReason(commands);
  if (reason !== undefined && process.env['CI']) throw new Error(`tests with the kernel must run in CI: ${reason}`);
  return reason;
}

function findReason(commands: string[]): string | undefined {
  if (process.platform !== 'linux') return `skipped: needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'skipped: needs root (network namespaces and TUN devices)';
  if (!existsSync('/dev/net/tun'))
    return 'skipped: needs /dev/net/tun (modprobe tun, or a container with --device /dev/net/tun)';
  for (const command of ['ip', ...commands]) {
    if (spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0) return `skipped: needs the program "${command}"`;
  }
  return undefined;
}
