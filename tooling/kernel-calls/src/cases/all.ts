/** Every case, by its group. */

import type { Case } from '../trial.ts';
import { bindingCases } from './binding.ts';
import { closingCases } from './closing.ts';
import { dataCases } from './data.ts';
import { datagramControlCases } from './datagram-control.ts';
import { datagramErrorCases } from './datagram-errors.ts';
import { datagramNameCases } from './datagram-names.ts';
import { datagramOptionCases } from './datagram-options.ts';
import { datagramCases } from './datagrams.ts';
import { datagramsToManyCases } from './datagrams-to-many.ts';
import { descriptorCases } from './descriptors.ts';
import { eachErrorCases } from './each-error.ts';
import { effectCases } from './effects.ts';
import { familyCases } from './families.ts';
import { icmpCases } from './icmp.ts';
import { messageCases } from './messages.ts';
import { openingCases } from './opening.ts';
import { optionCases } from './options.ts';
import { queueCases } from './queues.ts';
import { readinessCases } from './readiness.ts';
import { tcpInfoCases } from './tcp-info.ts';
import { urgentCases } from './urgent.ts';

export const CASES: Readonly<Record<string, readonly Case[]>> = {
  'opening a connection': openingCases,
  'names that may stand side by side': bindingCases,
  'both families': familyCases,
  'moving data': dataCases,
  'messages of several parts': messageCases,
  'urgent data': urgentCases,
  'closing a connection': closingCases,
  descriptors: descriptorCases,
  readiness: readinessCases,
  'each error of each call': eachErrorCases,
  'the queues of a listener': queueCases,
  options: optionCases,
  'what TCP_INFO tells': tcpInfoCases,
  'what options do, at the other end': effectCases,
  'ICMP errors of connections': icmpCases,
  'names of datagram sockets': datagramNameCases,
  datagrams: datagramCases,
  'datagrams that nobody takes': datagramErrorCases,
  'control messages of datagrams': datagramControlCases,
  'datagrams to many': datagramsToManyCases,
  'options of datagram sockets': datagramOptionCases,
};
