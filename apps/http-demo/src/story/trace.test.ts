import { SO_ERROR, SO_LINGER, SOL_SOCKET } from '@tcpstack/sockets/constants';
import { Host } from '@tcpstack/sockets/host';
import { expect, it } from 'vitest';
import { type TracedCall, traceSyscalls } from './trace.ts';

it('tells each call with its arguments and answer, buffers as lengths and constants by name', () => {
  const { sys } = new Host({ address: '10.0.0.1', mtuBytes: 1500, entropy: new Uint8Array(32) });
  const calls: TracedCall[] = [];
  let begun = 0;
  traceSyscalls(sys, { before: () => begun++, after: (call) => calls.push(call) });
  const fd = sys.socket();
  sys.read(fd, new Uint8Array(100), 10);
  sys.getsockopt(fd, SOL_SOCKET, SO_ERROR);
  sys.setsockopt(fd, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
  sys.shutdown(fd, 1);
  sys.getsockname(fd);
  sys.close(99);
  expect(calls).toEqual([
    { call: 'socket', args: [], result: 3 },
    { call: 'read', args: [3, 90], result: -1, error: 'ENOTCONN' },
    { call: 'getsockopt', args: [3, 'SO_ERROR'], result: 0 },
    { call: 'setsockopt', args: [3, 'SO_LINGER', '{onoff=1, linger=0}'], result: 0 },
    { call: 'shutdown', args: [3, 'SHUT_WR'], result: -1, error: 'ENOTCONN' },
    { call: 'getsockname', args: [3], result: { family: 2, address: '0.0.0.0', port: 0 } },
    { call: 'close', args: [99], result: -1, error: 'EBADF' },
  ]);
  expect(begun).toBe(calls.length);
});
