/** The options of level IPPROTO_IP. */

import type { OptionTable } from './option.ts';

export const IP_OPTIONS: OptionTable = new Map();
