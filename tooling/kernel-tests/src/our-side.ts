/** Our side of a test: a stack over a TUN device, with its capture, its bad network, and a clock that can jump. */

import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createStack, type Stack } from '@tcpstack/net';
import { captureLink, pcapngSink } from '@tcpstack/runtime/capture-link';
import { type ImpairedLink, impairLink } from '@tcpstack/runtime/impaired-link';
import type { Link } from '@tcpstack/runtime/link';
import { nodeScheduler, type Scheduler } from '@tcpstack/runtime/scheduler';
import type { TcpView } from '@tcpstack/sockets/views';
import { TunLink } from '@tcpstack/tun';
import type { StackState } from './commands.ts';
import { DEVICE, ENDS, HURRY, type LinkChoice } from './link-choice.ts';

/** A stack and what a test may ask about it. */
export class OurSide {
  readonly stack: Stack;
  readonly #impaired: ImpairedLink | undefined;
  readonly #capture: WriteStream | undefined;
  #skippedMs = 0;

  constructor(choice: LinkChoice) {
    const { ours, kernels, prefixBits } = ENDS[choice.family ?? 4];
    let link: Link = TunLink.open({ name: DEVICE, hostAddress: `${kernels}/${prefixBits}`, offload: choice.offload });
    if (choice.impairments !== undefined) link = this.#impaired = impairLink(link, choice.impairments);
    if (choice.capture !== undefined) {
      const file = createWriteStream(choice.capture);
      this.#capture = file;
      const sink = pcapngSink((bytes) => void file.write(bytes), { name: DEVICE });
      link = captureLink(link, sink);
    }
    const speed = choice.hurried === true ? HURRY : 1;
    const scheduler: Scheduler = {
      ...nodeScheduler,
      nowMs: () => nodeScheduler.nowMs() * speed + this.#skippedMs,
      setTimer: (run, delayMs) => nodeScheduler.setTimer(run, delayMs / speed),
    };
    this.stack = createStack({ link, address: ours, scheduler, settings: choice.settings ?? {} });
  }

  state(): StackState {
    const { host, driver } = this.stack;
    const probe = driver.sys.socket();
    driver.sys.close(probe);
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    const fates = this.#impaired?.impaired;
    const sockets = host.sockets();
    return {
      connections: sockets
        .filter(({ remote }) => remote !== null)
        .map(({ state, remote }) => `${state} ${remote?.address}:${remote?.port}`),
      agreed: sockets.flatMap(({ state, tcp }) => (state === 'ESTABLISHED' && tcp !== null ? [agreedOf(tcp)] : [])),
      bufferBytes: host.bufferBytes(),
      receivedBytes: sockets.reduce((sum, { recvQueueBytes }) => sum + recvQueueBytes, 0),
      unacknowledgedBytes: sockets.reduce((sum, { sendQueueBytes }) => sum + sendQueueBytes, 0),
      nextDescriptor: probe,
      heapBytes: heapUsed + external,
      counters: host.counters(),
      impaired: {
        duplicated: (fates?.in.duplicated ?? 0) + (fates?.out.duplicated ?? 0),
        reordered: (fates?.in.reordered ?? 0) + (fates?.out.reordered ?? 0),
      },
    };
  }

  /** The clock jumps ahead; what became due happens in the next turn. */
  async skip(ms: number): Promise<void> {
    this.#skippedMs += ms;
    void this.stack.driver.sys;
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  }

  /** Everything about it that helps to find out why it stands still. */
  describe(): string {
    const { host } = this.stack;
    return JSON.stringify({ sockets: host.sockets().slice(0, 8), counters: host.counters() }, null, 1);
  }

  async close(): Promise<void> {
    await this.stack.close();
    if (this.#capture !== undefined) {
      this.#capture.end();
      await finished(this.#capture);
    }
  }
}

function agreedOf({ timestamps, sack, sndScale, rcvScale }: TcpView): string {
  const scales = sndScale === 0 && rcvScale === 0 ? '' : `wscale:${sndScale},${rcvScale}`;
  return [timestamps ? 'ts' : '', sack ? 'sack' : '', scales].filter((word) => word !== '').join(' ');
}
