import { describe, expect, test } from 'vitest';
import { checkOptions, type TunOptions } from './options.ts';
import { TunLink } from './tun-link.ts';

describe('options of a TUN link', () => {
  test('have defaults that leave a device as it is', () => {
    expect(checkOptions({})).toMatchObject({
      name: 'tcp0',
      offload: true,
      mtuBytes: undefined,
      txQueueLength: undefined,
    });
  });

  test('with an address ask for a queue that holds a burst', () => {
    const checked = checkOptions({ hostAddress: '10.77.0.1/24' });
    expect(checked).toMatchObject({ txQueueLength: 1000, hostAddresses: [{ prefixBits: 24 }] });
    expect([...(checked.hostAddresses[0]?.bytes ?? [])]).toEqual([10, 77, 0, 1]);
  });

  test('take several addresses, of both families', () => {
    const checked = checkOptions({ hostAddress: ['10.77.0.1/24', 'fd00::1/64'] });
    expect(checked.hostAddresses).toMatchObject([{ prefixBits: 24 }, { text: 'fd00::1', prefixBits: 64 }]);
    expect([...(checked.hostAddresses[1]?.bytes ?? [])]).toEqual([0xfd, ...new Array<number>(14).fill(0), 1]);
  });

  test.for<TunOptions>([
    { mtuBytes: 68 },
    { mtuBytes: 65535 },
    { name: 'a23456789012345' },
    { name: 'tun%d' },
    { mode: 'tap', macAddress: '02:00:00:00:00:01' },
  ])('%o is accepted', (options) => {
    expect(checkOptions(options)).toMatchObject(options);
  });

  test.for([
    { name: '' },
    { name: 'a234567890123456' },
    { name: 'a/b' },
    { name: '..' },
    { name: 'a%d%d' },
    { mtuBytes: 67 },
    { mtuBytes: 65536 },
    { mtuBytes: 1500.5 },
    { txQueueLength: 0 },
    { hostAddress: '10.77.0.1' },
    { hostAddress: '10.77.0.256/24' },
    { hostAddress: '10.77.0.1/33' },
    { hostAddress: '10.77.0.1/0' },
    { hostAddress: 'fd00::1/129' },
    { hostAddress: 'fd00::1' },
    { hostAddress: '10.77.0.1/24/8' },
    { hostAddress: ['10.77.0.1/24', 'fd00::1/0'] },
    { mode: 'ip' },
    { macAddress: '02:00:00:00:00:01' },
    { macAddress: '03:00:00:00:00:01', mode: 'tap' },
    { macAddress: '00:00:00:00:00:00', mode: 'tap' },
    { macAddress: '02:00:00:00:00', mode: 'tap' },
  ] as TunOptions[])('%o is out of range, and the message names the option', (options) => {
    expect(() => checkOptions(options)).toThrow(RangeError);
    expect(() => checkOptions(options)).toThrow(new RegExp(`^${Object.keys(options)[0]} must be `));
  });

  test.for([
    { name: 7 },
    { hostAddress: 7 },
    { macAddress: 7, mode: 'tap' },
    { offload: 1 },
    { mtuBytes: '1500' },
    { multiQueue: 'yes' },
    { onLost: 1 },
  ])('%o is of the wrong type', (options) => {
    expect(() => checkOptions(options as unknown as TunOptions)).toThrow(TypeError);
  });

  test('are checked before anything is opened', () => {
    expect(() => TunLink.open({ mtuBytes: 1 })).toThrow(RangeError);
    expect(() => TunLink.openQueues(0)).toThrow(RangeError);
  });
});
