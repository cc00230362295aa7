import { describe, expect, test } from 'vitest';
import { readDeclared } from './node-net-declared.ts';
import { drawNodeNet, type NodeNetSources, type Shape } from './node-net-page.ts';

const TYPES = `declare module "net" {
    interface SocketConstructorOpts {
        fd?: number | undefined;
    }
    class Socket extends stream.Duplex {
        constructor(options?: SocketConstructorOpts);
        /**
         * Not one of them:
         *     example(): void;
         */
        pause(): this;
        readonly pending: boolean;
        addListener(event: string, listener: (...args: any[]) => void): this;
        addListener(event: "ready", listener: () => void): this;
        addListener(
            event: "lookup",
            listener: (err: Error) => void,
        ): this;
        [Symbol.dispose](): void;
    }
    function connect(path: string): Socket;
}
`;

const shape = (names: readonly string[]): Shape => ({
  has: (name) => names.includes(name),
  socketHas: (name) => names.includes(name),
  serverHas: (name) => names.includes(name),
  socketNames: [],
  serverNames: [],
});
const ALL = ['connect', 'Socket', 'Stream', 'pause', 'pending', '[Symbol.dispose]'];

function draw(changes: Partial<NodeNetSources> = {}): { text: string; faults: readonly string[] } {
  const declared = readDeclared(TYPES);
  const cases = new Map([['reading.test.ts', "socket.pause(); socket.on('ready')"]]);
  return drawNodeNet({ declared, nodes: shape(ALL), ours: shape(ALL), cases, onPurpose: {}, ...changes }, 'command');
}
const rowOf = (text: string, name: string): string | undefined =>
  text.split('\n').find((line) => line.startsWith(`| \`${name}`));

describe('what is declared of node:net', () => {
  test('members, options, events and functions are read, and no examples, constructors or listeners', () => {
    const declared = readDeclared(TYPES);
    expect(declared.exports).toEqual(['connect', 'Socket']);
    expect(declared.members.get('Socket')).toEqual(['pause', 'pending', '[Symbol.dispose]']);
    expect(declared.members.get('SocketConstructorOpts')).toEqual(['fd']);
    expect(declared.events.get('Socket')).toEqual(['ready', 'lookup']);
  });
});

describe('the page about node:net', () => {
  test('what a case speaks of is the same, and what none does is untested', () => {
    const { text } = draw();
    expect(rowOf(text, 'socket.pause')).toBe('| `socket.pause` | same |  | reading |');
    expect(rowOf(text, 'socket.pending')).toBe('| `socket.pending` | untested |  |  |');
    expect(rowOf(text, "'ready'")).toBe("| `'ready'` | same |  | reading |");
  });

  test('a member that only Node has is a fault until a note says why', () => {
    const { faults } = draw({ ours: shape(ALL.filter((name) => name !== 'pause')) });
    expect(faults).toContain('Socket pause is absent, and node-net-notes.ts does not say why');
  });

  test('a note about a member that there is not is a fault', () => {
    expect(draw().faults).toContain('a note is about net BlockList, which is not there');
  });

  test('cases that differ on purpose are listed with their reason', () => {
    expect(draw({ onPurpose: { 'a case': { row: 'Node does so' } } }).text).toContain('| a case | Node does so |');
  });
});
