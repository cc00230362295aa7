/** Connects a Socket to the first of several addresses that answers ("happy eyeballs", as far as Node goes). */

import { ETIMEDOUT } from '@tcpstack/sockets/errno';
import { attemptError, openAttempt, startAttempt, type Target } from './connect-attempt.ts';
import { finishConnecting } from './connected.ts';
import { connectionTimeout, ipBlocked } from './errors.ts';
import type { Socket } from './socket.ts';
import { tcpHandleOf } from './socket-handle.ts';

interface Race {
  readonly socket: Socket;
  readonly targets: readonly Target[];
  readonly timeoutMs: number;
  readonly errors: Error[];
  next: number;
}

/** One at a time: the next when the last one failed, or took longer than `timeoutMs` and is given up. */
export function connectMany(socket: Socket, targets: readonly Target[], timeoutMs: number): void {
  socket.autoSelectFamilyAttemptedAddresses = [];
  tryNext({ socket, targets, timeoutMs, errors: [], next: 0 });
}

function tryNext(race: Race): void {
  const { socket, targets, errors } = race;
  while (socket.connecting) {
    const target = targets[race.next++];
    if (target === undefined) {
      socket.destroy(errors.length === 0 ? connectionTimeout() : allFailed(errors));
      return;
    }
    if (startOne(race, target)) return;
  }
}

/** False when it failed at once. */
function startOne(race: Race, target: Target): boolean {
  const { socket, errors } = race;
  const { address, port, family } = target;
  const handle = tcpHandleOf(socket);
  if (handle === null) return true;
  const unbound = openAttempt(socket, handle, target);
  if (unbound !== null) {
    errors.push(unbound);
    return false;
  }
  if (socket.blockList?.check(address, family === 6 ? 'ipv6' : 'ipv4')) {
    fail(race, target, ipBlocked(address));
    return false;
  }
  socket.emit('connectionAttempt', address, port, family);
  if (!socket.connecting) return true;
  socket.autoSelectFamilyAttemptedAddresses?.push(`${address}:${port}`);
  let timer: NodeJS.Timeout | null = null;
  const error = startAttempt(socket, handle, target, (failure) => {
    if (timer !== null) clearTimeout(timer);
    if (!socket.connecting || socket._handle !== handle) return;
    if (failure === null) finishConnecting(socket, handle);
    else {
      fail(race, target, failure);
      tryNext(race);
    }
  });
  if (error !== null) {
    fail(race, target, error);
    return false;
  }
  if (race.next < race.targets.length) timer = setTimeout(() => giveUp(race, target), race.timeoutMs);
  return true;
}

function fail({ socket, errors }: Race, { address, port, family }: Target, error: Error): void {
  errors.push(error);
  socket._handle?.close();
  socket.emit('connectionAttemptFailed', address, port, family, error);
}

function giveUp(race: Race, target: Target): void {
  const { socket, errors } = race;
  if (!socket.connecting) return;
  socket._handle?.close();
  socket.emit('connectionAttemptTimeout', target.address, target.port, target.family);
  errors.push(attemptError(ETIMEDOUT, target));
  tryNext(race);
}

function allFailed(errors: readonly Error[]): AggregateError {
  const code = (errors[0] as Error & { code?: string }).code;
  // biome-ignore lint/suspicious/useErrorMessage: Node's has none
  const error = new AggregateError(errors);
  error.stack = String(error.stack).replace('AggregateError', `AggregateError [${code}]: `);
  return Object.assign(error, { code });
}
