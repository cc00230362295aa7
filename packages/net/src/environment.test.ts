/** The environment variables of the default stack. */

import { expect, test } from 'vitest';
import { readEnvironment } from './environment.ts';

test('nothing said: no device, no addresses', () => {
  expect(readEnvironment({ PATH: '/bin', TCPSTACK_TUN: '' })).toEqual({
    holder: undefined,
    device: null,
    hostAddresses: [],
    mtuBytes: undefined,
    addresses: [],
    routes: [],
  });
});

test('a TAP device with both families and routes', () => {
  expect(
    readEnvironment({
      TCPSTACK_TAP: 'tap0',
      TCPSTACK_ADDRESS: '10.77.0.2/24, fd00::2/64',
      TCPSTACK_HOST_ADDRESS: '10.77.0.1/24,fd00::1/64',
      TCPSTACK_MTU: '9000',
      TCPSTACK_ROUTES: 'default via 10.77.0.1, default via fd00::1, 10.8.0.0/16 via 10.77.0.3',
    }),
  ).toEqual({
    holder: undefined,
    device: { name: 'tap0', mode: 'tap' },
    hostAddresses: ['10.77.0.1/24', 'fd00::1/64'],
    mtuBytes: 9000,
    addresses: ['10.77.0.2/24', 'fd00::2/64'],
    routes: [
      { to: '0.0.0.0/0', via: '10.77.0.1' },
      { to: '::/0', via: 'fd00::1' },
      { to: '10.8.0.0/16', via: '10.77.0.3' },
    ],
  });
});

test('a device that a process above has is known by its name', () => {
  const variables = { TCPSTACK_TUN: 'tcp0', TCPSTACK_ADDRESS: '10.77.0.2/24' };
  expect(readEnvironment({ ...variables, TCPSTACK_HOLDER: 'tcp0 1234' }).holder).toBe('1234');
  expect(readEnvironment({ ...variables, TCPSTACK_HOLDER: 'tcp1 1234' }).holder).toBe(undefined);
  expect(readEnvironment({ TCPSTACK_HOLDER: 'tcp0 1234' }).holder).toBe(undefined);
});

test.each([
  [{ TCPSTACK_TUM: 'tcp0' }, 'TCPSTACK_TUM is not known'],
  [{ TCPSTACK_TUN: 'tcp0', TCPSTACK_TAP: 'tcp0' }, 'only one of them'],
  [{ TCPSTACK_TUN: 'tcp0' }, 'TCPSTACK_ADDRESS must say who we are on the device'],
  [{ TCPSTACK_MTU: '1.5k' }, 'TCPSTACK_MTU must be a number of bytes, not "1.5k"'],
  [{ TCPSTACK_ROUTES: '10.8.0.0/16 by 10.0.0.1' }, 'TCPSTACK_ROUTES must be like'],
])('%o cannot be', (variables, words) => {
  expect(() => readEnvironment(variables)).toThrow(words);
});
