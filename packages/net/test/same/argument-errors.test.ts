/** Calls with arguments that mean nothing: the errors they throw at once. */

import type { AddressInfo } from 'node:net';
import { same } from './same.ts';
import type { Net } from './trial.ts';

/** As a program without types calls it. */
// biome-ignore lint/suspicious/noExplicitAny: the arguments are wrong on purpose
type Loose = any;
type Call = (net: Loose) => unknown;

const socket = (net: Loose): Loose => new net.Socket();
const server = (net: Loose): Loose => net.createServer();

const CALLS: Readonly<Record<string, Call>> = {
  'connect() of a socket': (net) => socket(net).connect(),
  'connect() of the module': (net) => net.connect(),
  'createConnection() of the module': (net) => net.createConnection(),
  'connect({})': (net) => socket(net).connect({}),
  'connect({ host }) without a port': (net) => socket(net).connect({ host: '127.0.0.1' }),
  'connect(undefined)': (net) => socket(net).connect(undefined),
  'connect(function)': (net) => socket(net).connect(() => {}),
  'connect(null)': (net) => socket(net).connect(null),
  'connect({ port: null })': (net) => socket(net).connect({ port: null }),
  'connect({ port: true })': (net) => socket(net).connect({ port: true }),
  'connect({ port: [] })': (net) => socket(net).connect({ port: [] }),
  'connect({ port: {} })': (net) => socket(net).connect({ port: {} }),
  'connect({ port: function })': (net) => socket(net).connect({ port: () => {} }),
  'connect({ port: symbol })': (net) => socket(net).connect({ port: Symbol('port') }),
  'connect({ port: bigint })': (net) => socket(net).connect({ port: 80n }),
  'connect(true)': (net) => socket(net).connect(true),
  'connect(symbol)': (net) => socket(net).connect(Symbol('port')),
  'connect(-1)': (net) => socket(net).connect(-1),
  'connect(65536)': (net) => socket(net).connect(65536),
  'connect(1.5)': (net) => socket(net).connect(1.5),
  'connect(NaN)': (net) => socket(net).connect(Number.NaN),
  'connect(Infinity)': (net) => socket(net).connect(Number.POSITIVE_INFINITY),
  'connect("65536")': (net) => socket(net).connect('65536'),
  'connect({ port: "" })': (net) => socket(net).connect({ port: '' }),
  'connect({ port: "  " })': (net) => socket(net).connect({ port: '  ' }),
  'connect({ port: "abc" })': (net) => socket(net).connect({ port: 'abc' }),
  'connect({ port: "0x1ffff" })': (net) => socket(net).connect({ port: '0x1ffff' }),
  'connect({ host: number })': (net) => socket(net).connect({ port: 80, host: 5 }),
  'connect({ host: object })': (net) => socket(net).connect({ port: 80, host: {} }),
  'connect({ host: true })': (net) => socket(net).connect({ port: 80, host: true }),
  'connect({ localAddress } that is none)': (net) => socket(net).connect({ port: 80, localAddress: 'foobar' }),
  'connect({ localAddress: number })': (net) => socket(net).connect({ port: 80, localAddress: 5 }),
  'connect({ localPort: string })': (net) => socket(net).connect({ port: 80, localPort: 'foobar' }),
  'connect({ localPort: object })': (net) => socket(net).connect({ port: 80, localPort: {} }),
  'connect({ lookup: string })': (net) => socket(net).connect({ port: 80, host: 'name', lookup: 'foobar' }),
  'connect({ lookup: number })': (net) => socket(net).connect({ port: 80, host: 'name', lookup: 1 }),
  'connect({ autoSelectFamily: string })': (net) => socket(net).connect({ port: 80, autoSelectFamily: 'yes' }),
  'connect({ autoSelectFamilyAttemptTimeout: 0 })': (net) =>
    socket(net).connect({ port: 80, autoSelectFamilyAttemptTimeout: 0 }),
  'connect({ autoSelectFamilyAttemptTimeout: -5 })': (net) =>
    socket(net).connect({ port: 80, autoSelectFamilyAttemptTimeout: -5 }),
  'connect({ autoSelectFamilyAttemptTimeout: 1.5 })': (net) =>
    socket(net).connect({ port: 80, autoSelectFamilyAttemptTimeout: 1.5 }),
  'connect({ autoSelectFamilyAttemptTimeout: string })': (net) =>
    socket(net).connect({ port: 80, autoSelectFamilyAttemptTimeout: 'foo' }),
  'connect({ path: number })': (net) => socket(net).connect({ path: 5 }),
  'connect({ path: object })': (net) => socket(net).connect({ path: {} }),
  'connect({ family: string, hints: number }) of a bad port': (net) =>
    socket(net).connect({ port: 70000, family: 'IPv4', hints: 3 }),

  'listen({})': (net) => server(net).listen({}),
  'listen({ host }) without a port': (net) => server(net).listen({ host: 'localhost' }),
  'listen({ port: -1 })': (net) => server(net).listen({ port: -1 }),
  'listen({ port: 65536 })': (net) => server(net).listen({ port: 65536 }),
  'listen({ port: 1.5 })': (net) => server(net).listen({ port: 1.5 }),
  'listen({ port: NaN })': (net) => server(net).listen({ port: Number.NaN }),
  'listen({ port: "foo" })': (net) => server(net).listen({ port: 'foo' }),
  'listen({ port: false })': (net) => server(net).listen({ port: false }),
  'listen({ port: true })': (net) => server(net).listen({ port: true }),
  'listen({ port: {} })': (net) => server(net).listen({ port: {} }),
  'listen({ port: symbol })': (net) => server(net).listen({ port: Symbol('port') }),
  'listen({ path: number })': (net) => server(net).listen({ path: 5 }),
  'listen({ path: null })': (net) => server(net).listen({ path: null }),
  'listen({ path: undefined })': (net) => server(net).listen({ path: undefined }),
  'listen({ path: true })': (net) => server(net).listen({ path: true }),
  'listen({ fd: -1 })': (net) => server(net).listen({ fd: -1 }),
  'listen({ handle: {} })': (net) => server(net).listen({ handle: {} }),
  'listen(-1)': (net) => server(net).listen(-1),
  'listen(65536)': (net) => server(net).listen(65536),
  'listen("65536")': (net) => server(net).listen('65536'),
  'listen(true)': (net) => server(net).listen(true),
  'listen(false)': (net) => server(net).listen(false),
  'listen(symbol)': (net) => server(net).listen(Symbol('port')),
  'listen(bigint)': (net) => server(net).listen(80n),
  'listen({ port, signal: string })': (net) => server(net).listen({ port: 0, signal: 'INVALID' }),
  'listen({ port, signal: {} })': (net) => server(net).listen({ port: 0, signal: {} }),
  'listen({ port, signal: null })': (net) => server(net).listen({ port: 0, signal: null }),
  'listen({ path with a zero byte, readableAll })': (net) => server(net).listen({ path: '\0same', readableAll: true }),

  'new Socket({ objectMode })': (net) => new net.Socket({ objectMode: true }),
  'new Socket({ readableObjectMode })': (net) => new net.Socket({ readableObjectMode: true }),
  'new Socket({ writableObjectMode })': (net) => new net.Socket({ writableObjectMode: 1 }),
  'new Socket({ keepAliveInitialDelay: string })': (net) => new net.Socket({ keepAliveInitialDelay: '5' }),
  'new Socket({ keepAliveInitialDelay: null })': (net) => new net.Socket({ keepAliveInitialDelay: null }),
  'new Socket({ keepAliveInitialDelay: -5 })': (net) => new net.Socket({ keepAliveInitialDelay: -5 }).destroyed,
  'new Socket({ highWaterMark: -1 })': (net) => new net.Socket({ highWaterMark: -1 }),
  'new Socket({ highWaterMark: string })': (net) => new net.Socket({ highWaterMark: 'much' }),
  'new Socket({ readableHighWaterMark: NaN })': (net) => new net.Socket({ readableHighWaterMark: Number.NaN }),
  'new Socket({ blockList: {} })': (net) => new net.Socket({ blockList: {} }),
  'new Socket({ blockList: 5 })': (net) => new net.Socket({ blockList: 5 }),
  'new Socket({ signal: {} })': (net) => new net.Socket({ signal: {} }),
  'new Socket({ signal: string })': (net) => new net.Socket({ signal: 'INVALID' }),
  'new Socket({ fd: -1 })': (net) => new net.Socket({ fd: -1 }),
  'new Socket({ fd: string })': (net) => new net.Socket({ fd: 'foo' }),
  'new Socket({ fd: 1.5 })': (net) => new net.Socket({ fd: 1.5 }),
  'new Socket(null)': (net) => new net.Socket(null).destroyed,
  'new Socket(undefined)': (net) => new net.Socket(undefined).destroyed,

  'createServer(string)': (net) => net.createServer('path'),
  'createServer(number)': (net) => net.createServer(0),
  'createServer(true)': (net) => net.createServer(true),
  'createServer(symbol)': (net) => net.createServer(Symbol('options')),
  'createServer(null)': (net) => net.createServer(null).listening,
  'createServer({ keepAliveInitialDelay: string })': (net) => net.createServer({ keepAliveInitialDelay: 'foo' }),
  'createServer({ highWaterMark: string })': (net) => net.createServer({ highWaterMark: '1000' }),
  'createServer({ highWaterMark: null })': (net) => net.createServer({ highWaterMark: null }),
  'createServer({ blockList: {} })': (net) => net.createServer({ blockList: {} }),
  'createServer({}, string) passes over the listener': (net) =>
    net.createServer({}, 'listener').listenerCount('connection'),

  'setTimeout(string)': (net) => socket(net).setTimeout('100'),
  'setTimeout()': (net) => socket(net).setTimeout(),
  'setTimeout(null)': (net) => socket(net).setTimeout(null),
  'setTimeout(-1)': (net) => socket(net).setTimeout(-1),
  'setTimeout(NaN)': (net) => socket(net).setTimeout(Number.NaN),
  'setTimeout(Infinity)': (net) => socket(net).setTimeout(Number.POSITIVE_INFINITY),
  'setTimeout(-Infinity)': (net) => socket(net).setTimeout(Number.NEGATIVE_INFINITY),
  'setTimeout(100, string)': (net) => socket(net).setTimeout(100, 'callback'),
  'setTimeout(0, number)': (net) => socket(net).setTimeout(0, 5),
  'setTimeout(100, null)': (net) => socket(net).setTimeout(100, null),

  'write() without a connection': (net) =>
    socket(net)
      .on('error', () => {})
      .write(),
  'write(null)': (net) => socket(net).write(null),
  'write(undefined)': (net) => socket(net).write(undefined),
  'write(number)': (net) => socket(net).write(5),
  'write({})': (net) => socket(net).write({}),
  'write(array)': (net) => socket(net).write([]),
  'write(true)': (net) => socket(net).write(true),
  'write(text, unknown encoding)': (net) => socket(net).write('text', 'gibberish'),
  'setEncoding(unknown)': (net) => socket(net).setEncoding('gibberish'),
  'setDefaultEncoding(unknown)': (net) => socket(net).setDefaultEncoding('gibberish'),

  'setDefaultAutoSelectFamily(string)': (net) => net.setDefaultAutoSelectFamily('yes'),
  'setDefaultAutoSelectFamily()': (net) => net.setDefaultAutoSelectFamily(),
  'setDefaultAutoSelectFamilyAttemptTimeout(0)': (net) => net.setDefaultAutoSelectFamilyAttemptTimeout(0),
  'setDefaultAutoSelectFamilyAttemptTimeout(-1)': (net) => net.setDefaultAutoSelectFamilyAttemptTimeout(-1),
  'setDefaultAutoSelectFamilyAttemptTimeout(string)': (net) => net.setDefaultAutoSelectFamilyAttemptTimeout('10'),
  'setDefaultAutoSelectFamilyAttemptTimeout(1.5)': (net) => net.setDefaultAutoSelectFamilyAttemptTimeout(1.5),
};

for (const [title, call] of Object.entries(CALLS)) {
  same(title, (trial) => {
    trial.attempt('call', 'it', () => {
      const result = call(trial.net as Loose) as Loose;
      trial.finally(() => result?.on?.('error', () => {}).destroy?.());
      trial.finally(() => result?.close?.());
      return result;
    });
  });
}

same('listen() of a server that listens', async (trial) => {
  const listens = trial.server();
  await trial.listen(listens);
  trial.attempt('server', 'listen(0)', () => listens.listen(0));
  trial.attempt('server', 'listen({ port: -1 })', () => listens.listen({ port: -1 }));
  trial.attempt('server', 'listen of its own port', () => listens.listen((listens.address() as AddressInfo).port));
  trial.log('server', 'still listens', listens.listening);
});

same('listen() again in the turn of the first', async (trial) => {
  const listens = trial.server();
  listens.listen(0, '127.0.0.1');
  await trial.event(listens, 'listening');
  trial.attempt('server', 'again', () => listens.listen(() => trial.log('server', 'callback of the second')));
  const closed = trial.event(listens, 'close');
  listens.close();
  await closed;
});

same('what a socket still is after connect() threw', (trial) => {
  const made = trial.socket();
  trial.attempt('client', 'connect({ port: 70000 })', () => made.connect({ port: 70000 }));
  trial.look('client', 'after it', made, 'connecting', 'pending', 'readyState', 'destroyed');
  const other = trial.socket();
  trial.attempt('client', 'connect({})', () => other.connect({} as Parameters<Net['connect']>[0]));
  trial.look('client', 'after it', other, 'connecting', 'pending', 'readyState', 'destroyed');
});
