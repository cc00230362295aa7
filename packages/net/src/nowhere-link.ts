/** A link without another end: for a stack that talks to itself only, over its own `lo`. */

import type { Link, LinkStats } from '@tcpstack/runtime/link';

/** As large as the loopback's. */
const MTU_BYTES = 65_535;

/** Carries nothing; what is sent is counted as dropped. */
export function createNowhereLink(): Link {
  let sendDrops = 0;
  return {
    mtuBytes: MTU_BYTES,
    superSegmentBytes: 0,
    receivesSuperSegments: false,
    checksum: 'trusted',
    headroomBytes: 0,
    get stats(): LinkStats {
      return { receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0, sendDrops, receiveDrops: 0 };
    },
    start() {},
    transmit(batch) {
      sendDrops += batch.count;
    },
    close: () => Promise.resolve(),
  };
}
