/** One process of a trial on the kernel: makes the calls that it is told, in a network namespace of its own. */

import { readFileSync, readSync, writeFileSync } from 'node:fs';
import { arrangeDescriptors, closeAll, openOwn } from './descriptors.ts';
import { kernelSyscalls } from './kernel-syscalls.ts';
import { libc } from './libc.ts';
import { receiveMessage, sendMessage } from './messages.ts';
import { answerLast, watchPackets } from './packets.ts';

const CLONE_NEWNET = 0x4000_0000;
/** A call that has not come back by then would never: SIGALRM ends this process, and the test is told. */
const CALL_LIMIT_SECONDS = 20;
const REQUESTS_FD = 3;
const ANSWERS_FD = 4;

/** What the test asks for. */
export interface Request {
  readonly call: string;
  readonly args: readonly unknown[];
}

/** The result, and the arguments as they are after the call. */
export interface Answer {
  readonly result: unknown;
  readonly args: readonly unknown[];
}

let descriptorLimit = 0;
let counterFds: readonly number[] = [];
const text = Buffer.alloc(64 * 1024);

/** What is no socket call: the namespace, its settings and its counters. */
const ownCalls = {
  /** Closes all, and goes into a namespace in which there is nothing yet. */
  begin(limit: number): number {
    if (descriptorLimit === 0) arrangeDescriptors(limit);
    descriptorLimit = limit;
    closeAll(limit);
    const result = libc.unshare(CLONE_NEWNET);
    // Open before the program has used up its descriptors.
    counterFds = [openOwn(0, '/proc/self/net/snmp'), openOwn(1, '/proc/self/net/snmp6')];
    return result;
  },
  setSetting(path: string, value: string): number {
    writeFileSync(`/proc/sys/net/${path}`, value);
    return 0;
  },
  watchPackets,
  answerLast,
  readProc: (path: string): string => readFileSync(`/proc/self/${path}`, 'latin1'),
  counters: (): string[] => counterFds.map((fd) => text.toString('latin1', 0, readSync(fd, text, 0, text.length, 0))),
};

const calls = { ...kernelSyscalls, ...ownCalls } as unknown as Record<string, (...args: unknown[]) => unknown>;

for (;;) {
  const request = receiveMessage(REQUESTS_FD) as Request | undefined;
  if (request === undefined) break;
  const call = calls[request.call];
  if (call === undefined) throw new Error(`there is no call ${request.call}`);
  libc.alarm(CALL_LIMIT_SECONDS);
  const result = call(...request.args);
  libc.alarm(0);
  sendMessage(ANSWERS_FD, { result, args: request.args } satisfies Answer);
}
