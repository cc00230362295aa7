/** A child process that speaks in lines, and a watchdog on every wait for one. */

import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** How to start a script. */
export interface NodeProcessOptions {
  /**
   * Where the workspace's packages come from: their TypeScript `source`, which needs no build (the default), or what
   * was `built` in their `dist`, which is what users run.
   */
  readonly code?: 'source' | 'built';
  /** Options of node itself, as `--expose-gc`. */
  readonly nodeOptions?: readonly string[];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Arguments for node that run a file with the workspace's packages taken from source, or as they were built. */
export function nodeArguments(
  script: string | URL,
  args: readonly string[],
  options: NodeProcessOptions = {},
): string[] {
  const path = script instanceof URL ? fileURLToPath(script) : script;
  const conditions = options.code === 'built' ? [] : ['--conditions=@tcpstack/source'];
  return [...conditions, ...(options.nodeOptions ?? []), path, ...args];
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const WATCHDOG_MS = 20_000;

/** A running script: read its lines, write it lines, wait for its end. Waits fail with all that it printed. */
export class NodeProcess {
  readonly child: ChildProcess;
  /** Resolves when it has ended and said everything. */
  readonly end: Promise<ProcessEnd>;
  readonly #lines: string[] = [];
  #read = 0;
  #said = '';
  #wake: (() => void) | undefined;
  #ended: ProcessEnd | undefined;

  constructor(child: ChildProcess) {
    this.child = child;
    if (child.stdout === null || child.stderr === null) throw new TypeError('the process must have its output piped');
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#lines.push(line);
      this.#said += `${line}\n`;
      this.#wake?.();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
    });
    // A line said to a process that has just ended is lost, which its end tells better than EPIPE.
    child.stdin?.on('error', () => {});
    this.end = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#said += String(error);
      });
      child.once('close', (code, signal) => {
        this.#ended = { code, signal };
        resolve(this.#ended);
        this.#wake?.();
      });
    });
  }

  /** Everything it printed so far, both outputs. */
  get said(): string {
    return this.#said;
  }

  /**
   * The next line of standard output that begins with `prefix`, the prefix cut off; other lines are skipped.
   *
   * @throws {Error} When it ends or `watchdogMs` pass before.
   */
  async line(prefix: string, watchdogMs = WATCHDOG_MS): Promise<string> {
    const deadline = performance.now() + watchdogMs;
    for (;;) {
      while (this.#read < this.#lines.length) {
        const line = this.#lines[this.#read++] as string;
        if (line.startsWith(prefix)) return line.slice(prefix.length).trim();
      }
      if (this.#ended !== undefined) throw new Error(`the process ended before "${prefix}":\n${this.#said}`);
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new Error(`no line "${prefix}" within ${watchdogMs} ms:\n${this.#said}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
  }

  /** Writes a line to its standard input. */
  say(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /**
   * Waits for its end.
   *
   * @throws {Error} When it did not end with code 0, or not within `watchdogMs` (it is killed then).
   */
  async success(watchdogMs = WATCHDOG_MS): Promise<string> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.child.kill('SIGKILL');
    }, watchdogMs);
    const { code, signal } = await this.end;
    clearTimeout(timer);
    if (isLate) throw new Error(`the process did not end within ${watchdogMs} ms:\n${this.#said}`);
    if (code !== 0) throw new Error(`the process ended with ${signal ?? code}:\n${this.#said}`);
    return this.#said;
  }
}
