/** What must hold for every connection after every turn of its host. */

import { Invariants } from '@tcpstack/tcp/invariants';
import type { Tcb } from '@tcpstack/tcp/tcb';
import type { SimHost } from '../sim-host.ts';
import type { Observer } from '../world.ts';

export class InvariantsChecker implements Observer {
  readonly #watched = new WeakMap<Tcb, Invariants>();

  turned(_nowMs: number, { host }: SimHost): void {
    host.eachConnection((tcb) => {
      const invariants = this.#watched.get(tcb) ?? new Invariants(tcb);
      this.#watched.set(tcb, invariants);
      invariants.check();
      invariants.settled();
    });
  }
}
