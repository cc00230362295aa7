import { expect, it } from 'vitest';
import { createProgress, progressText } from './progress.ts';

it('says how much is done, how fast, and how long it still takes', () => {
  expect(progressText('received', 25_000_000, 100_000_000, 1000)).toBe(
    'received 25,000,000 of 100,000,000 bytes, 25 %, 25.0 MB/s, 3 s left',
  );
  expect(progressText('sent', 1500, null, 1)).toBe('sent 1,500 bytes, 1.5 MB/s');
  expect(progressText('sent', 0, 0, 0)).toBe('sent 0 of 0 bytes, 100 %, 0.0 MB/s');
});

it('draws nothing where nobody looks', () => {
  const written: string[] = [];
  const stream = { isTTY: false, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  const progress = createProgress('sent', stream);
  progress.update(1, 2);
  progress.end();
  expect(written).toEqual([]);
});
