/** Our side of an exchange with urgent data: `net` has no way to send it, the system calls have. */

import type { Driver } from '@tcpstack/runtime/driver';
import { MSG_OOB, POLLPRI, POLLRDHUP, SHUT_WR } from '@tcpstack/sockets/constants';
import { OUR_ADDRESS } from './link-choice.ts';

/** What came of the bytes `abc`, an urgent `!` and `def`. */
export interface UrgentSeen {
  readonly urgent: string;
  /** What each read gave: a read stops where the urgent byte was. */
  readonly parts: readonly string[];
}

const LOOK_MS = 5;

/** Connects, or listens when there is no host; both sides send the same and look what comes. */
export async function exchangeUrgent(driver: Driver, host: string | undefined, port: number): Promise<UrgentSeen> {
  const fd = await open(driver, host, port);
  await driver.write(fd, Buffer.from('abc'));
  driver.sys.send(fd, Buffer.from('!'), 0, 1, MSG_OOB);
  await driver.write(fd, Buffer.from('def'));
  driver.sys.shutdown(fd, SHUT_WR);
  const into = Buffer.alloc(100);
  await happens(driver, fd, POLLPRI);
  const urgent = into.toString('latin1', 0, driver.sys.recv(fd, into, 0, 1, MSG_OOB));
  await happens(driver, fd, POLLRDHUP); // all has arrived: if a read stops, it is for the mark
  const parts: string[] = [];
  for (let n = await driver.read(fd, into); n > 0; n = await driver.read(fd, into)) {
    parts.push(into.toString('latin1', 0, n));
  }
  driver.closeFd(fd);
  return { urgent, parts };
}

async function open(driver: Driver, host: string | undefined, port: number): Promise<number> {
  const fd = driver.sys.socket();
  if (host !== undefined) {
    await driver.connect(fd, host, port);
    return fd;
  }
  driver.sys.bind(fd, OUR_ADDRESS, port);
  driver.sys.listen(fd, 1);
  const accepted = await driver.accept(fd);
  driver.closeFd(fd);
  return accepted;
}

/** Resolves when `poll` says so; who waits for the answer has a time limit. */
async function happens(driver: Driver, fd: number, event: number): Promise<void> {
  const entry = { fd, events: event, revents: 0 };
  while (driver.sys.poll([entry]) === 0 || (entry.revents & event) === 0) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
