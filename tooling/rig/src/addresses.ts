/** Who is who in the comparison. */

/** The device of our stack, beside the sending kernel. */
export const OUR_DEVICE = 'tcp0';
export const OUR_ADDRESS = '10.77.0.2';
export const OUR_GATEWAY = '10.77.0.1';
/** The two ends of the bridge. */
export const NEAR_DEVICE = 'near0';
export const NEAR_ADDRESS = '10.79.0.1';
export const FAR_DEVICE = 'far0';
export const FAR_ADDRESS = '10.79.0.2';
/** Where the receiver listens. */
export const PORT = 1001;
