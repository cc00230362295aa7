/** Each link of this package passes the suite that every link passes. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { describe } from 'vitest';
import { captureLink } from '../src/capture-link.ts';
import { impairLink } from '../src/impaired-link.ts';
import type { Link } from '../src/link.ts';
import { createMemoryLinkPair, type MemoryLinkOptions } from '../src/memory-link.ts';
import { fill, type LinkUnderTest, linkCompliance, packetsOf } from './link-compliance.ts';

/** One end is under test; the other end is the world. */
function overMemory(options: MemoryLinkOptions, wrap: (link: Link) => Link = (link) => link): LinkUnderTest {
  const [end, world] = createMemoryLinkPair(options);
  const batch = new PacketBatch();
  return {
    link: wrap(end),
    inject: (packet) => world.transmit(fill(batch, [packet])),
    onSent: (tell) => world.start((arrived) => packetsOf(arrived).forEach(tell)),
    close: () => world.close(),
  };
}

describe('the in-memory link', () => linkCompliance(() => overMemory({})));
describe('the in-memory link, one packet a delivery', () =>
  linkCompliance(() => overMemory({ packetsPerDelivery: 1, mtuBytes: 9000 })));
describe('the in-memory link with super-segments', () =>
  linkCompliance(() => overMemory({ superSegmentBytes: 65535, checksum: 'trusted' })));
describe('the in-memory link with latency', () => linkCompliance(() => overMemory({ latencyMs: 3 })));
describe('the capturing link', () => linkCompliance(() => overMemory({}, (link) => captureLink(link, () => {}))));
describe('the impaired link, when nothing is impaired', () =>
  linkCompliance(() => overMemory({}, (link) => impairLink(link, { seed: 1 }))));
describe('the impaired link, delaying', () =>
  linkCompliance(() => overMemory({}, (link) => impairLink(link, { seed: 1, delayMs: 2 }))));
