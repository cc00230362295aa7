/** The table of differences on purpose, and the page that shows it. */

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { onPurpose } from './same/on-purpose.ts';

const here = new URL('./same/', import.meta.url);
const page = readFileSync(new URL('../../../docs/deviations.md', import.meta.url), 'utf8');
const fromNode = page.slice(page.indexOf('## From Node'));
const sources = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && name !== 'on-purpose.ts')
  .map((name) => readFileSync(new URL(name, here), 'utf8'))
  .join('\n');

test('each difference on purpose has its row under "From Node", and each row its case', () => {
  const rows = [...fromNode.matchAll(/^\| (?!Node \||-)(.*?) \|/gm)].map(([, first]) => first as string);
  const named = [...new Set(Object.values(onPurpose).map(({ row }) => row))];
  expect(named.filter((row) => !rows.some((first) => first.startsWith(row)))).toEqual([]);
  expect(rows.filter((first) => !named.some((row) => first.startsWith(row)))).toEqual([]);
});

test('each difference on purpose belongs to a case', () => {
  expect(Object.keys(onPurpose).filter((title) => !sources.includes(`'${title}'`))).toEqual([]);
});

/** What the manual of node:net names, by where it stands: each is in some case. */
const DOCUMENTED = [
  // Server: events, methods, properties, options.
  ...[
    "'close'",
    "'connection'",
    "'error'",
    "'listening'",
    "'drop'",
    'server.address()',
    'server.close(',
    'asyncDispose',
  ],
  ...['getConnections', 'server.listen(', 'listening', 'maxConnections', 'dropMaxConnection', 'ref()', 'unref()'],
  ...[
    'backlog',
    'exclusive',
    'host:',
    'ipv6Only',
    'reusePort',
    'path',
    'port:',
    'readableAll',
    'signal',
    'writableAll',
  ],
  ...['allowHalfOpen', 'highWaterMark', 'keepAlive', 'keepAliveInitialDelay', 'noDelay', 'pauseOnConnect', 'blockList'],
  // Socket.
  ...["'connectionAttempt'", "'connectionAttemptFailed'", "'connectionAttemptTimeout'", "'data'", "'drain'", "'end'"],
  ...[
    "'lookup'",
    "'ready'",
    "'timeout'",
    'fd:',
    'onread',
    'readable:',
    'writable:',
    'autoSelectFamilyAttemptedAddresses',
  ],
  ...['bufferSize', 'bytesRead', 'bytesWritten', 'connecting', 'destroyed', 'destroySoon', 'localAddress', 'localPort'],
  ...[
    'localFamily',
    'pause()',
    'pending',
    'remoteAddress',
    'remoteFamily',
    'remotePort',
    'resetAndDestroy',
    'resume()',
  ],
  ...[
    'setEncoding',
    'setKeepAlive',
    'setNoDelay',
    'setTimeout',
    "'timeout'",
    'write(',
    'readyState',
    'hints',
    'family',
  ],
  ...[
    'lookup',
    'autoSelectFamily',
    'autoSelectFamilyAttemptTimeout',
    'timeout:',
    'connect(path',
    'socket.connect(port',
  ],
  // The module.
  ...[
    'BlockList',
    'addAddress',
    'addRange',
    'addSubnet',
    'isBlockList',
    '.rules',
    '.check(',
    'SocketAddress',
    'flowlabel',
  ],
  ...['net.connect(', 'net.createConnection(', 'net.createServer(', 'isIP', 'isIPv4', 'isIPv6', 'parse('],
  ...['getDefaultAutoSelectFamily', 'setDefaultAutoSelectFamily', 'getDefaultAutoSelectFamilyAttemptTimeout'],
  ...['setDefaultAutoSelectFamilyAttemptTimeout'],
];

test('each name of the manual is in some case', () => {
  expect(DOCUMENTED.filter((name) => !sources.includes(name))).toEqual([]);
});
