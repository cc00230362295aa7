/**
 * End an application when whoever launched it was ended: `npx` does not pass SIGTERM on to the pnpm it started, and
 * an application left behind would keep its TUN device.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

// npm and pnpm mark the processes they start, not themselves; so the chain ends one above the last marked process.
const MARK = /(^|\0)npm_(command|lifecycle_event|execpath)=/;

/** The chain of npm, pnpm and shells that started process `pid`, nearest first; empty where there is no /proc. */
export function launchersOf(pid: number): number[] {
  const found: number[] = [];
  try {
    for (let each = pid; MARK.test(readFileSync(`/proc/${each}/environ`, 'latin1')); ) {
      const parent = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${each}/status`, 'latin1'))?.[1] ?? 0);
      if (parent <= 1) break;
      found.push(parent);
      each = parent;
    }
  } catch {
    // No /proc, or another user's process: what is known so far is enough.
  }
  return found;
}

/** Starts a small shell that sends SIGTERM to `pid` within half a second of the end of any of its `launchers`. */
export function endWith(pid: number, launchers: readonly number[]): void {
  if (launchers.length === 0) return;
  const script = 'app=$1; shift; while kill -0 "$app"; do kill -0 "$@" || exec kill -TERM "$app"; sleep 0.5; done';
  const watcher = spawn('sh', ['-c', script, 'watcher', String(pid), ...launchers.map(String)], { stdio: 'ignore' });
  watcher.on('error', () => {});
  watcher.unref();
}
