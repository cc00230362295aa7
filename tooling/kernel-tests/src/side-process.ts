/**
 * The process of one side: `side-process.ts kernel <address> <stall ms>` or `side-process.ts ours <address> <stall ms>
 * <link as JSON>`.
 * Reads a command a line, `{"id", "name", "request"}`; answers each when it is done with `reply {"id", "value"}` or
 * `reply {"id", "error"}`.
 */

import nodeNet from 'node:net';
import { createInterface } from 'node:readline';
import type { Request } from './commands.ts';
import { Door } from './door.ts';
import { askFastOpen, serveFastOpen } from './fast-open.ts';
import type { LinkChoice } from './link-choice.ts';
import type { NetShape } from './net-shape.ts';
import { OurSide } from './our-side.ts';
import { Side } from './side.ts';
import { exchangeUrgent } from './urgent.ts';
import { watch } from './watchdog.ts';

const [kind, address = '', stallMs, link] = process.argv.slice(2);
const ours = kind === 'ours' ? new OurSide(JSON.parse(link ?? '') as LinkChoice) : undefined;
const net: NetShape = ours === undefined ? nodeNet : ours.stack;
const side = new Side(net, address);
let door: Door | undefined;

async function run(name: string, request: never): Promise<unknown> {
  if (ours !== undefined) {
    if (name === 'state') return ours.state();
    if (name === 'skip') return ours.skip((request as { ms: number }).ms);
    if (name === 'urgent') {
      const { host, port } = request as Request<'urgent'>;
      return exchangeUrgent(ours.stack.driver, host, port);
    }
    if (name === 'door') {
      door = new Door(ours.stack.driver, request);
      return {};
    }
    if (name === 'admit') return { count: door?.admit() };
    if (name === 'serveFastOpen') {
      const { port, sizes } = request as Request<'serveFastOpen'>;
      return serveFastOpen(ours.stack.driver, address, port, sizes);
    }
    if (name === 'askFastOpen') {
      const { host, port, sizes } = request as Request<'askFastOpen'>;
      return askFastOpen(ours.stack.driver, host, port, sizes);
    }
    if (name === 'close') {
      await side.close();
      return ours.close();
    }
  }
  return (side as unknown as Record<string, (request: never) => Promise<unknown>>)[name]?.(request);
}

async function answer(id: number, name: string, request: never): Promise<void> {
  const describe = (): string => ours?.describe() ?? 'the side of the kernel';
  let reply: unknown;
  try {
    reply = { id, value: (await watch(run(name, request), Number(stallMs), describe)) ?? {} };
  } catch (error) {
    reply = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  console.log(`reply ${JSON.stringify(reply)}`);
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const { id, name, request } = JSON.parse(line) as { id: number; name: string; request: never };
  void answer(id, name, request);
}
process.exit(0);
