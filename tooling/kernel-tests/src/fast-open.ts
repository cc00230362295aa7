/** Our side of TCP Fast Open (RFC 7413); the kernel's is fast-open-peer.py, which says what both do. */

import { createHash } from 'node:crypto';
import type { Driver } from '@tcpstack/runtime/driver';
import { AF_INET, AF_INET6, IPPROTO_TCP, MSG_FASTOPEN, TCP_FASTOPEN } from '@tcpstack/sockets/constants';
import { EINPROGRESS } from '@tcpstack/sockets/errno';

const PLACES = 8;

/** The bytes that a client sends. */
function question(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (size + i * 7) % 251);
}

/** SHA-256 of what a server gets, or of what its client is answered. */
export function digestOfQuestion(size: number, reversed: boolean): string {
  return digest(reversed ? question(size).reverse() : question(size));
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A server for as many clients as there are sizes; resolves with what each said. */
export async function serveFastOpen(
  driver: Driver,
  address: string,
  port: number,
  sizes: readonly number[],
): Promise<string[]> {
  const { sys } = driver;
  const listener = sys.socket(domainOf(address));
  sys.bind(listener, address, port);
  sys.setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, PLACES);
  sys.listen(listener, PLACES);
  const heard: string[] = [];
  for (const size of sizes) {
    const fd = await driver.accept(listener);
    const got = await receive(driver, fd, size);
    heard.push(digest(got));
    await driver.write(fd, got.reverse());
    await receive(driver, fd, 1);
    driver.closeFd(fd);
  }
  driver.closeFd(listener);
  return heard;
}

/** A client, once for each size; resolves with what each was answered. */
export async function askFastOpen(
  driver: Driver,
  address: string,
  port: number,
  sizes: readonly number[],
): Promise<string[]> {
  const heard: string[] = [];
  for (const size of sizes) {
    const fd = driver.sys.socket(domainOf(address));
    const said = question(size);
    const sent = driver.sys.sendto(fd, said, 0, size, MSG_FASTOPEN, { address, port });
    if (sent < 0 && sent !== -EINPROGRESS) throw new Error(`sendto said ${sent}`);
    if (sent < 0) await driver.connect(fd, address, port);
    await driver.write(fd, said, Math.max(sent, 0));
    heard.push(digest(await receive(driver, fd, size)));
    driver.closeFd(fd);
  }
  return heard;
}

function domainOf(address: string): number {
  return address.includes(':') ? AF_INET6 : AF_INET;
}

async function receive(driver: Driver, fd: number, size: number): Promise<Uint8Array> {
  const into = new Uint8Array(size);
  let length = 0;
  for (let n = 1; n > 0 && length < size; length += n) n = await driver.read(fd, into, length);
  return into.subarray(0, length);
}
