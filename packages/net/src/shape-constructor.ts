/** From a class that only holds methods to a constructor function as Node's: callable, and open to both kinds of subclass. */

type Construct = (this: never, ...args: never[]) => unknown;
type AnyFunction = { new (...args: never[]): object; prototype: object; name: string };

/** What the constructor does when it is called, with or without `new`. */
export type Enter = (self: unknown, newTarget: unknown, args: readonly unknown[]) => unknown;

/** What a constructor is made of. */
export interface Making {
  /**
   * Its methods are copied, so that the prototype has them itself, and can be patched for one stack alone. Objects that
   * inherit from it are accepted, of whatever stack.
   */
  readonly shape: AnyFunction;
  /** What the constructor inherits from. */
  readonly base: object;
  /** Node's class of the same name: its objects are instances too, and a call on one of them is its own. */
  readonly builtIn: AnyFunction;
  /** Whether a value was set up by a `construct` of whatever stack. */
  isOurs(value: unknown): boolean;
  /** The function itself, for the sake of its name: V8 shows that of the source in messages. */
  name(enter: Enter): unknown;
  /** Sets up `this`, or gives another object in its place. */
  readonly construct: Construct;
}

export function shapeConstructor<C>({ shape, base, builtIn, isOurs, name, construct }: Making): C {
  const enter: Enter = (self, newTarget, args) => {
    if (newTarget === undefined && !inherits(shape.prototype, self)) {
      if (self instanceof builtIn) return (builtIn as unknown as Construct).apply(self as never, args as never[]);
      return new bound(...(args as never[]));
    }
    return construct.apply(self as never, args as never[]);
  };
  const bound = name(enter) as AnyFunction;
  // A bundler may have renamed it.
  Object.defineProperty(bound, 'name', { value: builtIn.name, configurable: true });
  const methods = Object.getOwnPropertyDescriptors(shape.prototype) as PropertyDescriptorMap;
  for (const descriptor of Object.values(methods)) descriptor.enumerable = true;
  bound.prototype = Object.create(shape.prototype, methods) as object;
  Object.defineProperty(bound.prototype, 'constructor', { value: bound, writable: true, configurable: true });
  Object.setPrototypeOf(bound, base);
  Object.defineProperty(bound, Symbol.hasInstance, {
    value(this: AnyFunction, value: unknown): boolean {
      if (inherits(this.prototype, value)) return true;
      // Asked of a class of the program, only its own objects count.
      return this === bound && (isOurs(value) || value instanceof builtIn);
    },
  });
  return bound as unknown as C;
}

function inherits(prototype: object, value: unknown): boolean {
  return Object.prototype.isPrototypeOf.call(prototype, value as object);
}
