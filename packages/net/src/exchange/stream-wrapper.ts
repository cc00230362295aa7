/** Node wraps a stream that is not its own, for TLS and HTTP/2: lets the wrapper tell of our socket what it tells of Node's. */

import { Duplex } from 'node:stream';
import tls from 'node:tls';

/** What of a connection a wrapper has no answer for by itself. */
const GETTERS = ['localAddress', 'localPort', 'localFamily', 'remoteAddress', 'remotePort', 'remoteFamily'] as const;
const METHODS = ['address', 'setNoDelay', 'setKeepAlive', 'ref', 'unref'] as const;

type Member = (typeof GETTERS)[number] | (typeof METHODS)[number];
type Wrapper = { readonly stream?: Partial<Record<Member, unknown>> };

/** @param isOurs Whether a stream is a socket of ours; what wraps others stays as it is. */
export function lendToWrappers(isOurs: (stream: unknown) => boolean): void {
  const prototype = wrapperPrototype();
  for (const name of GETTERS) {
    const before = inherited(prototype, name);
    define(prototype, name, {
      get(this: Wrapper) {
        return isOurs(this.stream) ? this.stream?.[name] : before.get?.call(this);
      },
    });
  }
  for (const name of METHODS) {
    const before = inherited(prototype, name).value as (...args: unknown[]) => unknown;
    define(prototype, name, {
      value(this: Wrapper, ...args: unknown[]) {
        if (!isOurs(this.stream)) return before.apply(this, args);
        const method = this.stream?.[name] as (...args: unknown[]) => unknown;
        const told = method.apply(this.stream, args);
        return told === this.stream ? this : told;
      },
      writable: true,
    });
  }
}

/** The class is nowhere to be had; a `TLSSocket` over any stream holds an object of it. */
function wrapperPrototype(): object {
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  // Without the root certificates, whose reading takes longer than all else here.
  const probe = new tls.TLSSocket(stream, { secureContext: tls.createSecureContext({ ca: [] }) });
  const { _handle: handle } = probe as unknown as { _handle: { _parentWrap: object } };
  const prototype = Object.getPrototypeOf(handle._parentWrap) as object;
  probe.destroy();
  return prototype;
}

function inherited(prototype: object, name: string): PropertyDescriptor {
  for (let one: object | null = prototype; one !== null; one = Object.getPrototypeOf(one)) {
    const found = Object.getOwnPropertyDescriptor(one, name);
    if (found !== undefined) return found;
  }
  return {};
}

function define(prototype: object, name: string, descriptor: PropertyDescriptor): void {
  Object.defineProperty(prototype, name, { configurable: true, enumerable: true, ...descriptor });
}
