/** What tests may depend on besides files: the same for all scripts that run them, so that they share kept results. */
import { whyNoNamespaces } from '@tcpstack/netns/requirements';

/** Why the tests with the kernel as the peer cannot run, and the environment that says so to all tests. */
export interface TestEnv {
  readonly obstacle: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** Looks at the machine. */
export function testEnv(): TestEnv {
  const { CI } = process.env;
  const onCi = CI !== undefined && CI !== '' && CI !== 'false' && CI !== '0';
  // On CI there is no excuse: the tests themselves fail when they cannot run.
  const obstacle = onCi ? undefined : whyNoNamespaces();
  // Part of the kernel tests' cache key: a skip by one user must never be replayed as a pass for another.
  return { obstacle, env: { KERNEL_TESTS: obstacle === undefined ? 'run' : 'skip', CI: onCi ? 'true' : '' } };
}
