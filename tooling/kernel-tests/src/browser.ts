/** Headless Chromium in a namespace. */

import type { Namespace } from '@tcpstack/netns/namespace';
import { Scratch } from './scratch.ts';

// A browser that speaks to nobody but us.
const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Those of the tests are signed by themselves.
  '--ignore-certificate-errors',
];

/** What a page looks like once it is loaded and its scripts ran, as HTML. */
export function domOf(namespace: Namespace, url: string): string {
  using scratch = new Scratch();
  const args = [...QUIET, `--user-data-dir=${scratch.path('profile')}`, '--dump-dom', url];
  return namespace.run('timeout', '60', 'chromium', ...args);
}
