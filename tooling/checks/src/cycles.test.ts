import { expect, test } from 'vitest';
import { plant } from '../test/planted.ts';
import { checkCycles } from './cycles.ts';

test('a chain of files without a way back has no faults', () => {
  expect(checkCycles(plant())).toEqual([]);
});

test('three files in a ring are one cycle, printed as a chain', () => {
  const root = plant({
    'packages/low/src/a.ts': "import './b.ts';\n",
    'packages/low/src/b.ts': "export { c } from './c.ts';\n",
    'packages/low/src/c.ts': "import {\n  a,\n} from './a.ts';\n",
  });
  expect(checkCycles(root)).toEqual([
    'import cycle: packages/low/src/a.ts -> packages/low/src/b.ts -> packages/low/src/c.ts -> packages/low/src/a.ts',
  ]);
});

test('a ring closed by a type alone is no cycle, because types are erased', () => {
  const root = plant({
    'packages/low/src/a.ts': "import './b.ts';\n",
    'packages/low/src/b.ts': "import type { A } from './a.ts';\n",
  });
  expect(checkCycles(root)).toEqual([]);
});
