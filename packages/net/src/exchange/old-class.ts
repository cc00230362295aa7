/** A class that makes our sockets or servers, and sets up those of Node's own classes. */

import { isHidden } from './hiding.ts';
import type { OldClass } from './node-net.ts';

/** What the exchanged class is made of. */
export interface Exchange {
  readonly ours: OldClass;
  readonly nodes: OldClass;
  /** Told of each object of Node's own classes, `TLSSocket` for one, that the exchanged class has set up. */
  onNodes?(object: object, args: readonly unknown[]): void;
  /** What an object whose class extends ours is set up with, in place of `args`. */
  adapt?(object: object, args: readonly unknown[]): readonly unknown[];
}

/**
 * Stands where `net.Socket` or `net.Server` stood: may be called with and without `new`, extended, and applied to
 * an object by a class of old style. Node's own classes extend those that were there when Node started; applied to one
 * of their objects, it does what it did for them.
 */
export function exchangedClass(exchange: Exchange): OldClass {
  const { ours, nodes } = exchange;
  function Exchanged(this: unknown, ...args: unknown[]): unknown {
    if (new.target !== undefined && (new.target as unknown) !== Made) return Reflect.construct(ours, args, new.target);
    if (new.target === undefined) {
      if (this instanceof nodes) {
        Reflect.apply(nodes as unknown as () => void, this, args);
        exchange.onNodes?.(this, args);
        return undefined;
      }
      if (isOf(ours, this)) {
        const adapted = exchange.adapt?.(this as object, args) ?? args;
        return Reflect.apply(ours as unknown as () => void, this, adapted);
      }
    }
    return new ours(...args);
  }
  const Made = Exchanged as unknown as OldClass;
  Object.defineProperty(Made, 'name', { value: nodes.name });
  Object.defineProperty(Made, 'length', { value: nodes.length });
  Object.defineProperty(Made, 'prototype', { value: ours.prototype });
  Object.defineProperty(Made, Symbol.hasInstance, {
    // Of a class that extends this one only its own objects are.
    value(this: unknown, object: unknown) {
      if (this !== Made) return isOf(this as OldClass, object);
      return !isHidden(object) && (isOf(ours, object) || object instanceof nodes);
    },
  });
  // Static members, `Socket.from` for one, are inherited.
  Object.setPrototypeOf(Made, Object.getPrototypeOf(nodes));
  return Made;
}

/** Whether `object` inherits from the class, whatever the class itself says. */
export function isOf(one: OldClass, object: unknown): boolean {
  return Function.prototype[Symbol.hasInstance].call(one, object);
}
