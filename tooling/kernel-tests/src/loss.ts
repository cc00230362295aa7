/** Random loss on the way between a distant kernel and us. */

import type { Namespace } from '@tcpstack/netns/namespace';
import { DEVICE } from './link-choice.ts';

/**
 * Drops this share (0 to 1) of the packets that a router forwards to and from the device.
 *
 * SYNs are spared: both sides give up on one after some tries, which is right and would fail a test now and then.
 */
export function loseOnTheWay(router: Namespace, share: number): void {
  const perMillion = Math.round(share * 1_000_000);
  const rules = `
    table ip way {
      chain forward {
        type filter hook forward priority 0; policy accept;
        tcp flags & syn == syn accept
        iifname "${DEVICE}" numgen random mod 1000000 < ${perMillion} drop
        oifname "${DEVICE}" numgen random mod 1000000 < ${perMillion} drop
      }
    }`;
  router.run('nft', rules);
}
