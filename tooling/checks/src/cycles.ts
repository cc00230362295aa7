/** The cycle check: no chain of imports between files of one package leads back to where it began. */
import { listFiles, listPackages } from './files.ts';
import { localImports } from './layers.ts';

/**
 * Cycles of value imports, one sentence each with the whole chain. Imports of types alone are left out: they are
 * erased, so they cannot make the order of evaluation matter.
 */
export function checkCycles(root: string): string[] {
  const faults: string[] = [];
  for (const folder of ['packages', 'apps', 'tooling']) {
    for (const each of listPackages(root, folder)) faults.push(...cyclesIn(root, each.folder));
  }
  return faults;
}

function cyclesIn(root: string, folder: string): string[] {
  const files = listFiles(root, folder).filter((file) => file.endsWith('.ts'));
  const edges = new Map<string, string[]>();
  for (const file of files) {
    const values = localImports(root, file).filter(({ found }) => !found.typeOnly);
    edges.set(
      file,
      values.map(({ target }) => target),
    );
  }
  const faults: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, chain: string[]): void => {
    const start = chain.indexOf(file);
    if (start >= 0) {
      faults.push(`import cycle: ${[...chain.slice(start), file].join(' -> ')}`);
      return;
    }
    if (done.has(file)) return;
    for (const target of edges.get(file) ?? []) visit(target, [...chain, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return faults;
}
