import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plant } from '../test/planted.ts';
import { checkStateDiagram, drawPage, PAGE, readArrows } from './state-diagram.ts';

const SOUND = {
  'packages/tcp/src/transitions.ts': `export const TRANSITIONS = [
  { from: 'CLOSED', to: 'SYN-SENT', on: 'active OPEN', section: '3.10.1', file: 'calls.ts' },
  { from: 'FIN-WAIT-2', to: 'TIME-WAIT', on: 'receive FIN', section: '3.10.7.4', file: 'arrival/fin.ts' },
];\n`,
  'packages/tcp/src/calls.ts': "enter(tcb, 'SYN-SENT');\n",
  'packages/tcp/src/arrival/fin.ts': 'enterTimeWait(tcb, nowMs);\n',
  'packages/tcp/src/timeouts.ts': "enter(tcb, 'TIME-WAIT');\nenter(tcb, 'CLOSED');\n",
};

async function planted(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const root = plant({ ...SOUND, 'docs/x.md': '', ...files });
  writeFileSync(join(root, PAGE), drawPage(await readArrows(root)));
  return root;
}

test('a page that was just drawn, of a table that names the right files, is no fault', async () => {
  expect(await checkStateDiagram(await planted())).toEqual([]);
});

test('a stale page is found', async () => {
  const root = await planted();
  writeFileSync(join(root, PAGE), '# The state machine\n');
  expect(await checkStateDiagram(root)).toEqual([
    `${PAGE} is not what packages/tcp/src/transitions.ts says: run node tooling/checks/src/draw-state-machine.ts`,
  ]);
});

test('an arrow that its file does not take, and a move without an arrow, are found', async () => {
  const root = await planted({ 'packages/tcp/src/calls.ts': "enter(tcb, 'LISTEN');\n" });
  expect(await checkStateDiagram(root)).toEqual([
    'packages/tcp/src/transitions.ts: CLOSED to SYN-SENT is not taken by calls.ts',
    'packages/tcp/src/calls.ts: enters LISTEN, and no arrow of packages/tcp/src/transitions.ts names the file for it',
  ]);
});

test('the drawing names states in a way that Mermaid reads, and says what was passed', () => {
  const page = drawPage([
    { from: 'FIN-WAIT-1', to: 'TIME-WAIT', on: 'FIN', section: '3.10.7.4', file: 'arrival/fin.ts', via: 'FIN-WAIT-2' },
  ]);
  expect(page).toContain('  state "FIN-WAIT-1" as FIN_WAIT_1\n');
  expect(page).toContain('  FIN_WAIT_1 --> TIME_WAIT: FIN\n');
  expect(page).toMatch(/\| FIN-WAIT-1 \| TIME-WAIT \| FIN \| §3\.10\.7\.4 \| .* \| FIN-WAIT-2 \|\n/);
});
