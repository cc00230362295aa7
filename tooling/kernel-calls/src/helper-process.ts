/** The test's end of a helper process: each call goes there and comes back, and the test waits for it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import type { Answer } from './helper.ts';
import { libc } from './libc.ts';
import { copyBack, receiveMessage, sendMessage } from './messages.ts';

const O_CLOEXEC = 0x8_0000;
const SCRIPT = fileURLToPath(new URL('./helper.ts', import.meta.url));

/** Descriptors of a pipe that blocks: the calls of a trial are made one after the other. */
function pipe(): [readEnd: number, writeEnd: number] {
  const ends = new Int32Array(2);
  const result = libc.pipe2(new Uint8Array(ends.buffer), O_CLOEXEC);
  if (result < 0) throw new Error(`pipe2 gave ${result}`);
  return [ends[0] as number, ends[1] as number];
}

/** A process with descriptors and a network namespace of its own. */
export class HelperProcess {
  /** Its socket calls. */
  readonly sys: Syscalls;
  readonly #child: ChildProcess;
  readonly #requests: number;
  readonly #answers: number;

  constructor() {
    const [requestsOut, requestsIn] = pipe();
    const [answersOut, answersIn] = pipe();
    const stdio = ['ignore', 'inherit', 'inherit', requestsOut, answersIn] as const;
    this.#child = spawn(process.execPath, ['--conditions=@tcpstack/source', SCRIPT], { stdio: [...stdio] });
    closeSync(requestsOut);
    closeSync(answersIn);
    this.#requests = requestsIn;
    this.#answers = answersOut;
    const get =
      (_: object, name: string) =>
      (...args: unknown[]) =>
        this.ask(name, ...args);
    this.sys = new Proxy({}, { get }) as Syscalls;
  }

  /** Its number; its namespace is `/proc/PID/ns/net`. */
  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Makes one call there; what it wrote is in the arguments afterwards. */
  ask(call: string, ...args: unknown[]): unknown {
    sendMessage(this.#requests, { call, args });
    const answer = receiveMessage(this.#answers) as Answer | undefined;
    if (answer === undefined) throw new Error(`the helper process ended in ${call}(${args.join(', ')})`);
    copyBack(args, answer.args);
    return answer.result;
  }

  /** It ends when nobody asks any more, and its namespace with it. */
  end(): void {
    closeSync(this.#requests);
    closeSync(this.#answers);
    this.#child.kill('SIGKILL');
  }
}
