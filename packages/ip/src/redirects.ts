/** Redirects (RFC 4861 §8): a router says that there is a better first hop for one destination. */

import { copyOf, type IpAddress, sameAddress } from '@tcpstack/wire/ip-address';

/** Destinations remembered; the oldest goes. */
const REDIRECTS_MAX = 64;

interface Redirect {
  readonly destination: Readonly<IpAddress>;
  readonly nextHop: Readonly<IpAddress>;
}

/** The better first hops of one interface. */
export class Redirects {
  #list: Redirect[] = [];

  /** The next hop to use in place of `nextHop`. */
  nextHopFor(destination: Readonly<IpAddress>, nextHop: Readonly<IpAddress>): Readonly<IpAddress> {
    for (const redirect of this.#list) if (sameAddress(redirect.destination, destination)) return redirect.nextHop;
    return nextHop;
  }

  /** "A host receiving a valid redirect SHOULD update its Destination Cache" — RFC 4861 §8.3 */
  add(destination: Readonly<IpAddress>, nextHop: Readonly<IpAddress>): void {
    this.#list = this.#list.filter((redirect) => !sameAddress(redirect.destination, destination));
    if (this.#list.length >= REDIRECTS_MAX) this.#list.shift();
    this.#list.push({ destination: copyOf(destination), nextHop: copyOf(nextHop) });
  }

  /** The next hop does not answer, or is no router any more: back to the default router (RFC 4861 §7.3.3). */
  removeVia(nextHop: Readonly<IpAddress>): void {
    if (this.#list.length > 0) this.#list = this.#list.filter((redirect) => !sameAddress(redirect.nextHop, nextHop));
  }
}
