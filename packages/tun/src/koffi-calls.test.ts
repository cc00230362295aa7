import { afterEach, expect, test, vi } from 'vitest';
import { TunError, TunLink } from './tun-link.ts';

const { platform } = process;

afterEach(() => {
  Object.defineProperty(process, 'platform', { value: platform });
  vi.resetModules();
});

test('on another system the package loads, and open says ENOTSUP', () => {
  Object.defineProperty(process, 'platform', { value: 'darwin' });
  const open = () => TunLink.open();
  expect(open).toThrow(TunError);
  expect(open).toThrow(expect.objectContaining({ code: 'ENOTSUP', message: expect.stringContaining('darwin') }));
});
