/** From the options of `connect` to addresses: checks them, and asks the resolver for a name. */

import dns from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { ConnectOptions } from './arguments.ts';
import type { Target } from './connect-attempt.ts';
import { connectMany } from './connect-many.ts';
import { connectOne } from './connect-one.ts';
import { invalidAddressFamily, invalidArgumentType, invalidIpAddress } from './errors.ts';
import type { Socket } from './socket.ts';
import { kState } from './socket-state.ts';
import { checkBoolean, checkFunction, checkInt32, checkNumber, checkPort, checkString } from './validate.ts';

/** An address as a resolver gives it; nothing of it can be trusted. */
interface Resolved {
  readonly address: string;
  readonly family: number;
}

/** What is known before the name is resolved. */
interface Plan {
  readonly host: string;
  readonly port: number;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly attemptTimeoutMs: number;
}

const ATTEMPT_TIMEOUT_MS_MIN = 10;

/** Throws what Node throws for options that it cannot mean. */
export function lookupAndConnect(socket: Socket, options: ConnectOptions): void {
  const { autoSelect } = socket[kState].context;
  const plan = planOf(options, autoSelect.attemptTimeoutMs);
  const all = options.autoSelectFamily ?? autoSelect.family;
  const family = isIP(plan.host);
  if (family !== 0) {
    const target = targetOf(plan, { address: plan.host, family });
    process.nextTick(connectOne, socket, target);
    return;
  }
  if (options.lookup != null) checkFunction(options.lookup, 'options.lookup');
  socket._host = plan.host;
  const asked = familyOf(options.family);
  const hints = options.hints || (asked === 4 || asked === 6 || process.platform === 'win32' ? 0 : dns.ADDRCONFIG);
  const lookup = (options.lookup ?? dns.lookup) as LookupFunction;
  if (asked !== 4 && asked !== 6 && !plan.localAddress && all) lookupAll(socket, plan, options, lookup, asked, hints);
  else lookupOne(socket, plan, options, lookup, asked, hints);
}

function planOf(options: ConnectOptions, attemptTimeoutMs: number): Plan {
  const host = options.host || 'localhost';
  const { port, localAddress, localPort, autoSelectFamily, autoSelectFamilyAttemptTimeout: asked } = options;
  checkString(host, 'options.host');
  if (localAddress && isIP(localAddress) === 0) throw invalidIpAddress(localAddress);
  if (localPort) checkNumber(localPort, 'options.localPort');
  if (port !== undefined && typeof port !== 'number' && typeof port !== 'string') {
    throw invalidArgumentType('options.port', 'one of type number or string', port);
  }
  const number = port === undefined ? 0 : checkPort(port);
  if (autoSelectFamily != null) checkBoolean(autoSelectFamily, 'options.autoSelectFamily');
  if (asked != null) checkInt32(asked, 'options.autoSelectFamilyAttemptTimeout', 1);
  return {
    host,
    port: number,
    localAddress,
    localPort,
    attemptTimeoutMs: asked == null ? attemptTimeoutMs : Math.max(asked, ATTEMPT_TIMEOUT_MS_MIN),
  };
}

function targetOf({ port, localAddress, localPort }: Plan, { address, family }: Resolved): Target {
  return { address, family: family as 4 | 6, port, localAddress, localPort };
}

function familyOf(family: ConnectOptions['family']): number | undefined {
  if (family === 'IPv4') return 4;
  return family === 'IPv6' ? 6 : (family as number | undefined);
}

function isUsable({ address, family }: Resolved): boolean {
  return typeof address === 'string' && isIP(address) !== 0 && (family === 4 || family === 6);
}

function errorOf({ address, family }: Resolved, options: ConnectOptions): Error {
  if (typeof address !== 'string' || isIP(address) === 0) return invalidIpAddress(address);
  return invalidAddressFamily(family, options.host, options.port);
}

function lookupOne(
  socket: Socket,
  plan: Plan,
  options: ConnectOptions,
  lookup: LookupFunction,
  family: number | undefined,
  hints: number,
): void {
  const asked = { family, hints } as Parameters<LookupFunction>[1];
  lookup(plan.host, asked, (error, address, found) => {
    const resolved = { address: address as string, family: found as number };
    socket.emit('lookup', error, address as string, found as number, plan.host);
    if (!socket.connecting) return;
    if (error) failLater(socket, error);
    else if (!isUsable(resolved)) failLater(socket, errorOf(resolved, options));
    else {
      socket._unrefTimer();
      connectOne(socket, targetOf(plan, resolved));
    }
  });
}

function lookupAll(
  socket: Socket,
  plan: Plan,
  options: ConnectOptions,
  lookup: LookupFunction,
  family: number | undefined,
  hints: number,
): void {
  const asked = { family, hints, all: true } as Parameters<LookupFunction>[1];
  lookup(plan.host, asked, (error, answer) => {
    if (!socket.connecting) return;
    if (error) {
      socket.emit('lookup', error, undefined, undefined, plan.host);
      failLater(socket, error);
      return;
    }
    const addresses = answer as unknown as readonly Resolved[];
    for (const { address, family: found } of addresses) {
      socket.emit('lookup', error, address, found, plan.host);
      if (!socket.connecting) return;
    }
    const targets = inTurns(addresses.filter(isUsable)).map((resolved) => targetOf(plan, resolved));
    const [only] = targets;
    if (only === undefined) {
      const [first] = addresses;
      if (first !== undefined) failLater(socket, errorOf(first, options));
      return;
    }
    socket._unrefTimer();
    if (targets.length === 1) connectOne(socket, only);
    else connectMany(socket, targets, plan.attemptTimeoutMs);
  });
}

/** Each address once, the families in turns; the family of the first one begins. */
function inTurns(addresses: readonly Resolved[]): Resolved[] {
  const seen = new Set<string>();
  const first: Resolved[] = [];
  const other: Resolved[] = [];
  for (const resolved of addresses) {
    if (seen.has(resolved.address)) continue;
    seen.add(resolved.address);
    (resolved.family === addresses[0]?.family ? first : other).push(resolved);
  }
  const turns: Resolved[] = [];
  for (let i = 0; i < Math.max(first.length, other.length); i++) {
    for (const list of [first, other]) if (list[i] !== undefined) turns.push(list[i] as Resolved);
  }
  return turns;
}

/** A listener for the error may be added after `connect` returned, also when the resolver answered at once. */
function failLater(socket: Socket, error: Error): void {
  process.nextTick(() => socket.destroy(error));
}
