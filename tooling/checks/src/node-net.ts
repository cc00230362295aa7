/** The check that the page about `node:net` is what the types, a stack and the cases say. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const WRITER = 'tooling/checks/src/write-node-net.ts';

/** Violations, one sentence each. In a process of its own, which reads the package's sources without a build. */
export function checkNodeNet(root: string): string[] {
  const args = ['--conditions=@tcpstack/source', join(root, WRITER), '--check'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) return [`${WRITER} fails: ${stderr.trim().split('\n').at(-1) ?? ''}`];
  return stdout.split('\n').filter((line) => line !== '');
}
