/** How worlds end: transfers finish in time with every byte, and all memory comes back. */

import type { Transfer } from '../transfer.ts';
import type { World } from '../world.ts';
import { check } from './failure.ts';

/** Liveness and stream: runs until all transfers are done; each must be by `untilMs`, whole. */
export function finishTransfers(world: World, transfers: readonly Transfer[], untilMs: number): void {
  const inTime = world.run(untilMs, () => transfers.every(({ done, error }) => done || error !== ''));
  for (const [i, { error }] of transfers.entries()) check(error === '', () => `transfer ${i} failed with ${error}`);
  check(inTime, () => `liveness: not done at ${world.nowMs} ms\n${transfers.map(describe).join('\n')}\n${show(world)}`);
  for (const [i, { options, upReceivedBytes, downReceivedBytes }] of transfers.entries()) {
    check(
      upReceivedBytes === options.upBytes && downReceivedBytes === options.downBytes,
      () => `stream: transfer ${i} ended with ${upReceivedBytes} and ${downReceivedBytes} bytes`,
    );
  }
}

/** Memory: lets every timer run out (TIME-WAIT too); then no host holds a buffer or a connection. */
export function expectNothingHeld(world: World): void {
  world.run(Infinity);
  for (const { host, address } of world.hosts) {
    check(host.bufferBytes() === 0, () => `memory: ${address} still holds ${host.bufferBytes()} bytes of buffers`);
    host.eachConnection((tcb) => check(false, () => `memory: ${address} still has a connection in ${tcb.state}`));
  }
}

function describe({ upReceivedBytes, downReceivedBytes, options }: Transfer, i: number): string {
  const { upBytes, downBytes } = options;
  return `  transfer ${i}: ${upReceivedBytes} of ${upBytes} bytes up, ${downReceivedBytes} of ${downBytes} down`;
}

function show(world: World): string {
  const lines = world.hosts.flatMap(({ host, address }) =>
    host.sockets().map((view) => {
      const { state, tcp, sendQueueBytes, recvQueueBytes } = view;
      const numbers = tcp === null ? '' : `cwnd ${tcp.cwndBytes} wnd ${tcp.sndWndBytes} due ${tcp.deadlineMs}`;
      return `  ${address} ${state} to send ${sendQueueBytes} to read ${recvQueueBytes} ${numbers}`;
    }),
  );
  return lines.join('\n');
}
