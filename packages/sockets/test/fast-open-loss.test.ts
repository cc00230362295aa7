/** Fast Open over a network that loses and delays anything: the stream is whole, and the rules of a connection hold. */

import { Invariants } from '@tcpstack/tcp/invariants';
import type { Tcb } from '@tcpstack/tcp/tcb';
import { expect, test } from 'vitest';
import { IPPROTO_TCP, MSG_FASTOPEN, TCP_FASTOPEN } from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import { expectNothingLeft, listening } from './calls.ts';
import { pattern } from './packets.ts';
import { World } from './world.ts';

const REQUEST_BYTES = 3000;
const ANSWER_BYTES = 5000;
const TO = { address: '10.0.0.1', port: 80 };

/** Numbers from 0 to 1 that follow from the seed. */
function randomOf(seed: number): () => number {
  let state = (seed * 7919 + 1) % 2147483647;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** One request and its answer; both programs close when they have all. */
class Exchange {
  readonly #world: World;
  readonly #listener: number;
  readonly #request: number[] = [];
  readonly #answer: number[] = [];
  #c = -1;
  #s = -1;
  #asked: number;
  #answered = 0;
  readonly #invariants = new Map<Tcb, Invariants>();

  constructor(world: World, listener: number) {
    this.#world = world;
    this.#listener = listener;
    const { sys } = world.host(1);
    this.#c = sys.socket();
    this.#asked = Math.max(0, sys.sendto(this.#c, pattern(REQUEST_BYTES), 0, REQUEST_BYTES, MSG_FASTOPEN, TO));
  }

  get done(): boolean {
    return this.#answer.length === ANSWER_BYTES && this.#request.length === REQUEST_BYTES;
  }

  step(ms: number): void {
    this.#world.run(ms);
    const [server, client] = [this.#world.host(0), this.#world.host(1)];
    if (this.#s < 0) this.#s = server.sys.accept(this.#listener);
    if (this.#s >= 0) {
      take(server, this.#s, this.#request);
      if (this.#request.length === REQUEST_BYTES) {
        const n = server.sys.write(this.#s, pattern(ANSWER_BYTES, 1), this.#answered, ANSWER_BYTES);
        this.#answered += Math.max(0, n);
      }
    }
    this.#asked += Math.max(0, client.sys.write(this.#c, pattern(REQUEST_BYTES), this.#asked, REQUEST_BYTES));
    take(client, this.#c, this.#answer);
    for (const host of [server, client]) host.eachConnection((tcb) => this.#check(tcb));
  }

  end(): void {
    expect(this.#request).toEqual([...pattern(REQUEST_BYTES)]);
    expect(this.#answer).toEqual([...pattern(ANSWER_BYTES, 1)]);
    this.#world.host(0).sys.close(this.#s);
    this.#world.host(1).sys.close(this.#c);
  }

  #check(tcb: Tcb): void {
    let invariants = this.#invariants.get(tcb);
    if (invariants === undefined) {
      invariants = new Invariants(tcb);
      this.#invariants.set(tcb, invariants);
    }
    invariants.check();
  }
}

function take(host: Host, fd: number, into: number[]): void {
  const bytes = new Uint8Array(8192);
  const n = host.sys.read(fd, bytes);
  for (let i = 0; i < n; i++) into.push(bytes[i] as number);
}

test.each([0, 0.1, 0.3])('a part of %d of all packets is lost, by 20 seeds', (loss) => {
  for (let seed = 1; seed <= 20; seed++) {
    const hosts = [{ settings: { fastOpen: 3 } }, { settings: { fastOpen: 3 } }];
    const world = new World({ hosts, delayMs: 10, seed });
    const listener = listening(world.host(0));
    world.host(0).sys.setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, 8);
    const random = randomOf(seed);
    // The first gets the cookie, and is lucky.
    for (const lossNow of [0, loss]) {
      world.passes = () => random() >= lossNow;
      const exchange = new Exchange(world, listener);
      for (let i = 0; i < 40_000 && !exchange.done; i++) exchange.step(i < 60 ? 5 : 100);
      exchange.end();
    }
    world.passes = () => true;
    world.run(500_000);
    for (const host of world.hosts) expectNothingLeft(host);
  }
});
