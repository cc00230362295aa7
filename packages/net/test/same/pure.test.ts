/** What needs no connection: addresses, lists, defaults, and the shape of the module. */

import { type BlockList, SocketAddress as NodeSocketAddress } from 'node:net';
import { same } from './same.ts';

const TEXTS: readonly unknown[] = [
  ...['127.0.0.1', '::1', '::', '0.0.0.0', '255.255.255.255', '256.0.0.1', '1.2.3', '01.2.3.4', '1.2.3.4 ', ''],
  ...['::ffff:10.0.0.1', 'fe80::1%eth0', 'fe80::1%', '1:2:3:4:5:6:7:8', '1::2::3', ':::', 'localhost', '::1/64'],
  ...[undefined, null, 5, true, {}, ['127.0.0.1'], { toString: () => '::1' }, Number.NaN],
];

for (const name of ['isIP', 'isIPv4', 'isIPv6'] as const) {
  same(`${name} of texts and of what is none`, (trial) => {
    const call = trial.net[name] as (text: unknown) => unknown;
    for (const text of TEXTS) trial.log('module', name, text, call(text));
    trial.attempt('module', `${name}(symbol)`, () => call(Symbol('address')));
  });
}

same('the names that the module exports, and what they are', (trial) => {
  const names = Object.keys(trial.net).filter((name) => name !== 'default' && !name.startsWith('_'));
  const exports = trial.net as unknown as Record<string, unknown>;
  const documented = [
    ...['BlockList', 'SocketAddress', 'Server', 'Socket', 'Stream', 'connect', 'createConnection', 'createServer'],
    ...['getDefaultAutoSelectFamily', 'setDefaultAutoSelectFamily', 'getDefaultAutoSelectFamilyAttemptTimeout'],
    ...['setDefaultAutoSelectFamilyAttemptTimeout', 'isIP', 'isIPv4', 'isIPv6'],
  ];
  for (const name of documented) trial.log('module', name, names.includes(name), typeof exports[name]);
});

same('names and lengths of the functions', (trial) => {
  const exports = trial.net as unknown as Record<string, { name: string; length: number }>;
  for (const name of ['Server', 'Socket', 'Stream', 'createServer', 'isIP', 'isIPv4', 'isIPv6']) {
    trial.log('module', name, exports[name]?.name, exports[name]?.length);
  }
});

same('Stream is Socket, and connect is createConnection', (trial) => {
  const exports = trial.net as unknown as Record<string, unknown>;
  trial.log('module', 'Stream', exports['Stream'] === exports['Socket']);
  trial.log('module', 'connect', exports['connect'] === exports['createConnection']);
});

same('BlockList: addresses, ranges and subnets', (trial) => {
  const list = new trial.net.BlockList();
  list.addAddress('10.0.0.1');
  list.addRange('10.0.1.1', '10.0.1.9');
  list.addSubnet('fd00::', 64, 'ipv6');
  for (const address of ['10.0.0.1', '10.0.0.2', '10.0.1.5', '10.0.1.10'])
    trial.log('list', address, list.check(address));
  for (const address of ['fd00::7', 'fd01::7', '::ffff:10.0.0.1'])
    trial.log('list', address, list.check(address, 'ipv6'));
  trial.log('list', 'rules', list.rules);
});

same('BlockList: arguments that mean nothing', (trial) => {
  const list = new trial.net.BlockList();
  trial.attempt('list', 'addAddress(text)', () => list.addAddress('nonsense'));
  trial.attempt('list', 'addAddress(family)', () => list.addAddress('10.0.0.1', 'ipv5' as 'ipv4'));
  trial.attempt('list', 'addRange turned round', () => list.addRange('10.0.0.9', '10.0.0.1'));
  trial.attempt('list', 'addSubnet of 33 bits', () => list.addSubnet('10.0.0.0', 33));
  trial.attempt('list', 'check(number)', () => list.check(5 as unknown as string));
  trial.log('list', 'rules', list.rules);
});

same('SocketAddress: what it takes, what it refuses, and parse', (trial) => {
  const { SocketAddress } = trial.net;
  const fields = ['address', 'family', 'port', 'flowlabel'];
  trial.look('address', 'default', new SocketAddress({}), ...fields);
  trial.look('address', 'IPv6', new SocketAddress({ family: 'ipv6' }), ...fields);
  trial.look(
    'address',
    'all',
    new SocketAddress({ address: '::5', family: 'ipv6', port: 80, flowlabel: 7 }),
    ...fields,
  );
  trial.attempt('address', 'bad port', () => new SocketAddress({ port: 70_000 }));
  trial.attempt('address', 'bad family', () => new SocketAddress({ family: 'ipv5' as 'ipv4' }));
  trial.attempt('address', 'bad address', () => new SocketAddress({ address: 'x' }));
  for (const text of ['1.2.3.4:80', '[::1]:80', '1.2.3.4', 'x', '1.2.3.4:70000']) {
    const parsed = (SocketAddress as unknown as { parse(text: string): object | undefined }).parse(text);
    trial.log('address', text, parsed === undefined);
    if (parsed !== undefined) trial.look('address', text, parsed, ...fields);
  }
});

same('defaults of happy eyeballs: read, set, the least time', (trial) => {
  const { net } = trial;
  const [family, time] = [net.getDefaultAutoSelectFamily(), net.getDefaultAutoSelectFamilyAttemptTimeout()];
  trial.finally(() => net.setDefaultAutoSelectFamily(family));
  trial.finally(() => net.setDefaultAutoSelectFamilyAttemptTimeout(time));
  trial.log('module', 'at first', family, time);
  trial.log('module', 'set', net.setDefaultAutoSelectFamily(false), net.setDefaultAutoSelectFamilyAttemptTimeout(5));
  trial.log('module', 'then', net.getDefaultAutoSelectFamily(), net.getDefaultAutoSelectFamilyAttemptTimeout());
  net.setDefaultAutoSelectFamilyAttemptTimeout(300);
  trial.log('module', 'then', net.getDefaultAutoSelectFamilyAttemptTimeout());
});

same('BlockList and SocketAddress are those of node:net', (trial) => {
  const { BlockList, SocketAddress } = trial.net;
  const list: BlockList = new BlockList();
  trial.log('list', 'is one', (BlockList as unknown as { isBlockList(x: unknown): boolean }).isBlockList(list));
  trial.log('address', 'is one', new SocketAddress({}) instanceof NodeSocketAddress);
});
