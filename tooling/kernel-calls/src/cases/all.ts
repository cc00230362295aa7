/** Every case, by its group. */

import type { Case } from '../trial.ts';
import { bindingCases } from './binding.ts';
import { closingCases } from './closing.ts';
import { dataCases } from './data.ts';
import { openingCases } from './opening.ts';

export const CASES: Readonly<Record<string, readonly Case[]>> = {
  'opening a connection': openingCases,
  'names that may stand side by side': bindingCases,
  'moving data': dataCases,
  'closing a connection': closingCases,
};
