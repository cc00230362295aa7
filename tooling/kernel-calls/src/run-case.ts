/** Runs a case on a pair of hosts, and returns its log. */

import { EINPROGRESS, errnoName } from '@tcpstack/sockets/errno';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import { normalized } from './normalize.ts';
import type { Case, Hosts, Trial } from './trial.ts';
import { callWords, resultWords } from './words.ts';

/** One line for each call, `program.call(arguments) = result`, and for each note. */
export function runCase(one: Case, hosts: Hosts): string[] {
  const log: string[] = [];
  let mode: 'log' | 'arrange' | 'quiet' = 'log';

  const logged = (who: string, sys: Syscalls): Syscalls => {
    const get =
      (_: object, name: string) =>
      (...args: unknown[]) => {
        const call = callWords(who, name, args);
        const result = (sys as unknown as Record<string, (...args: unknown[]) => unknown>)[name]?.(...args);
        hosts.settle();
        if (mode === 'log') log.push(`${call} = ${resultWords(name, args, result)}`);
        else if (mode === 'arrange' && typeof result === 'number' && result < 0 && result !== -EINPROGRESS) {
          throw new Error(`arranging, ${call} gave ${errnoName(result)}`);
        }
        return result;
      };
    return new Proxy({}, { get }) as Syscalls;
  };

  const within = <T>(inner: typeof mode, work: () => T): T => {
    const before = mode;
    mode = inner;
    try {
      return work();
    } finally {
      mode = before;
    }
  };

  const trial: Trial = {
    server: logged('server', hosts.server),
    client: logged('client', hosts.client),
    log,
    arrange: (work) => within('arrange', work),
    quietly: (work) => within('quiet', work),
    note: (text) => void log.push(text),
    pass: (ms) => hosts.pass(ms),
    icmp: (error) => hosts.icmp(error),
  };
  one.run(trial);
  return normalized(log);
}
