/** How every test of this repository runs: from the sources, so that no build comes first. */
import { defineConfig } from 'vitest/config';

const conditions = ['@tcpstack/source', 'module', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // A busy machine is slow, not wrong: property tests share two cores with everything else.
    testTimeout: 30_000,
    include: ['packages/*/{src,test}/**/*.test.ts', 'apps/*/{src,test}/**/*.test.ts', 'tooling/*/**/*.test.ts'],
  },
});
