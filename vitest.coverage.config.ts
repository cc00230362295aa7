/**
 * `pnpm coverage`: how much of the core its tests reach; below these numbers it fails. Parts of the engine that only mean
 * something to a Host (Fast Open, TCP_INFO, orphans, ICMP) are tested through one, in `sockets`.
 */
import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: [
      'packages/{bytes,seq,tcp}/{src,test}/**/*.test.ts',
      'packages/sockets/test/{fast-open,tcp-info,orphans,icmp,path-mtu,urgent,admission,user-timeout}*.test.ts',
    ],
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
