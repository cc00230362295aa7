/** What of `node:net` we have otherwise or not at all; all else is the same, which cases must show. */

export interface Note {
  readonly is: 'same' | 'different' | 'absent' | 'untested';
  /** How it differs, why it is absent, or who else proves that it is the same. */
  readonly how?: string;
}

const NODES: Note = { is: 'same', how: "Node's own" };
const INSIDE: Note = { is: 'absent', how: "only for Node's own inside" };
/** What is not TCP is carried by the built-in net. */
const BUILT_IN: Note = { is: 'same', how: "not TCP: Node's own net carries it" };
const NEWER: Note = { is: 'absent', how: 'newer than the Node that the two are compared on' };
const PER_STACK: Note = {
  is: 'different',
  how: "each stack has its own, which is Node's until it is set",
};

/** By the key of the row. */
export const NOTES: Readonly<Record<string, Note>> = {
  'net BlockList': NODES,
  'net SocketAddress': NODES,
  'net setDefaultAutoSelectFamily': PER_STACK,
  'net setDefaultAutoSelectFamilyAttemptTimeout': PER_STACK,
  'Socket setKeepAlive': {
    is: 'different',
    how: 'takes no options, `interval` or `count`, which are newer than the Node that the two are compared on',
  },
  'Socket connect': {
    is: 'different',
    how: 'after its `signal` was aborted it does nothing; in Node it connects, after `error` and `close`',
  },
  'new Socket({ fd })': BUILT_IN,
  'new Socket({ handle })': BUILT_IN,
  'new Socket({ typeOfService })': NEWER,
  'connect({ path })': BUILT_IN,
  'listen({ path })': BUILT_IN,
  'listen({ handle })': BUILT_IN,
  'listen({ readableAll })': BUILT_IN,
  'listen({ writableAll })': BUILT_IN,
  'listen({ exclusive })': { is: 'different', how: 'always as if true: each process of a cluster listens for itself' },
  'Socket _closeAfterHandlingError': INSIDE,
  'Socket _sockname': INSIDE,
  'Socket _pendingData': INSIDE,
  'Socket _pendingEncoding': INSIDE,
  'Socket _handle': { is: 'different', how: 'an object of ours; what programs look at is there' },
  'Server _handle': { is: 'different', how: 'an object of ours; what programs look at is there' },
  'Server _listen2': INSIDE,
  'Server _setupWorker': { is: 'absent', how: 'the primary of a cluster would listen with sockets of the kernel' },
};
