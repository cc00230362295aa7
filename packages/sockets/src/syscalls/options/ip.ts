/** The options of level IPPROTO_IP. */

import { setReporting } from '@tcpstack/tcp/connection';
import { IP_RECVERR } from '../../constants.ts';
import { flag, type OptionTable } from './option.ts';

const receiveErrors = flag('receiveErrors', (tcb, values) => setReporting(tcb, values.receiveErrors));

export const IP_OPTIONS: OptionTable = new Map([[IP_RECVERR, receiveErrors]]);
