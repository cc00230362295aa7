/** How our side's link is made; travels to its process as JSON. */

import type { Impairments } from '@tcpstack/runtime/impaired-link';
import type { Settings } from '@tcpstack/sockets/host';

/** Addresses of the two ends of the device. */
export const OUR_ADDRESS = '10.77.0.2';
export const KERNEL_ADDRESS = '10.77.0.1';

/** The two ends of the device by family, and the bits of their subnet. */
export const ENDS = {
  4: { ours: OUR_ADDRESS, kernels: KERNEL_ADDRESS, prefixBits: 24 },
  6: { ours: 'fd00:77::2', kernels: 'fd00:77::1', prefixBits: 64 },
} as const;
export type Family = keyof typeof ENDS;

/** For titles. */
export const FAMILIES = [
  { name: 'IPv4', family: 4 },
  { name: 'IPv6', family: 6 },
] as const;

/** Name of the device in every namespace of these tests. */
export const DEVICE = 'tcp0';

/** How much faster our clock runs in a hurried world. */
export const HURRY = 20;

/** A TUN device, and what is wrapped around it. */
export interface LinkChoice {
  readonly offload: boolean;
  /** Of the addresses of both ends. Default 4. */
  readonly family?: Family;
  /** File to write a capture to, as the host sees its packets. */
  readonly capture?: string;
  readonly impairments?: Impairments;
  /** Our clock runs `HURRY` times as fast, and so do our time-outs: a lossy transfer is mostly waiting for these. */
  readonly hurried?: boolean;
  /** Settings of our host. */
  readonly settings?: Partial<Settings>;
}
