/** What `@types/node` declares of `node:net`: members, options and events, read from the text of net.d.ts. */

/** What of a class or an interface is looked at. */
export interface Declared {
  /** Functions and classes of the module. */
  readonly exports: readonly string[];
  /** By class or interface: its members, without constructor and listeners. */
  readonly members: ReadonlyMap<string, readonly string[]>;
  /** By class: the events that its listeners are declared for. */
  readonly events: ReadonlyMap<string, readonly string[]>;
}

const BLOCK = /^ {4}(class|interface) (\w+)[^{]*\{\n([\s\S]*?)^ {4}\}/gm;
const MEMBER = /^ {8}(?:(?:static|readonly|get|set) )*(\w+|\[[\w.]+\])\??[(:<]/gm;
const EVENT = /^ {8,12}(?:\w+\()?\s*event: "(\w+)"/gm;
const LISTENERS = /^(?:constructor|addListener|emit|on|once|off|removeListener|prepend(?:Once)?Listener)$/;

/** @param text Of net.d.ts, laid out as it is published. */
export function readDeclared(text: string): Declared {
  // Comments have examples in them.
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '');
  const members = new Map<string, string[]>();
  const events = new Map<string, string[]>();
  const exports = new Set([...code.matchAll(/^ {4}function (\w+)/gm)].map(([, name = '']) => name));
  for (const [, kind, name = '', body = ''] of code.matchAll(BLOCK)) {
    if (kind === 'class') exports.add(name);
    members.set(
      name,
      names(body, MEMBER).filter((member) => !LISTENERS.test(member)),
    );
    events.set(name, names(body, EVENT));
  }
  return { exports: [...exports], members, events };
}

function names(body: string, pattern: RegExp): string[] {
  return [...new Set([...body.matchAll(pattern)].map(([, name = '']) => name))];
}
