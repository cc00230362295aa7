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
    expect(checked).toMatchObject({ txQueueLength: 1000, hostAddress: { prefixBits: 24 } });
    expect([...(checked.hostAddress?.bytes ?? [])]).toEqual([10, 77, 0, 1]);
  });

  test.for<TunOptions>([{ mtuBytes: 68 }, { mtuBytes: 65535 }, { name: 'a23456789012345' }, { name: 'tun%d' }])(
    '%o is accepted',
    (options) => {
      expect(checkOptions(options)).toMatchObject(options);
    },
  );

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
    { hostAddress: 'fd00::1/64' },
  ] as TunOptions[])('%o is out of range, and the message names the option', (options) => {
    expect(() => checkOptions(options)).toThrow(RangeError);
    expect(() => checkOptions(options)).toThrow(new RegExp(`^${Object.keys(options)[0]} must be `));
  });

  test.for([{ name: 7 }, { offload: 1 }, { mtuBytes: '1500' }, { multiQueue: 'yes' }, { onLost: 1 }])(
    '%o is of the wrong type',
    (options) => {
      expect(() => checkOptions(options as unknown as TunOptions)).toThrow(TypeError);
    },
  );

  test('are checked before anything is opened', () => {
    expect(() => TunLink.open({ mtuBytes: 1 })).toThrow(RangeError);
    expect(() => TunLink.openQueues(0)).toThrow(RangeError);
  });
});
