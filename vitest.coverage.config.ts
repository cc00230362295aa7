/** `pnpm coverage`: how much of the core the tests of its own packages reach; below these numbers it fails. */
import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['packages/{bytes,seq,tcp}/{src,test}/**/*.test.ts'],
    // Counting makes every step slower.
    testTimeout: 120_000,
    coverage: {
      enabled: true,
      provider: 'v8',
      reporter: ['text'],
      include: ['packages/{bytes,seq,tcp}/src/**/*.ts'],
      exclude: ['**/*.test.ts'],
      thresholds: {
        'packages/{bytes,seq}/src/**': { branches: 100 },
        'packages/tcp/src/**': { branches: 95 },
      },
    },
  },
});
