/** The layering check: who imports whom, by the table of rules, in manifests and in sources. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isTestFile, listFiles, listPackages, type Package, relativeTo } from './files.ts';
import { type Import, packageOf, scanImports } from './import-scan.ts';
import { type PackageRules, RULES, SCOPE, TEST_TOOLS } from './rules.ts';

/** Violations of the layering, one sentence each; empty when all is well. */
export function checkLayers(root: string, rules: readonly PackageRules[] = RULES): string[] {
  const faults: string[] = [];
  const packages = listPackages(root, 'packages');
  const exportsOf = new Map(packages.map((each) => [each.manifest.name, each.manifest.exports ?? {}]));
  for (const each of packages) {
    const row = rules.find((rule) => each.folder === `packages/${rule.name}`);
    if (row === undefined)
      faults.push(`${each.folder} has no row in the table of layers (tooling/checks/src/rules.ts)`);
    else faults.push(...checkManifest(each, row), ...checkUnused(root, each));
    faults.push(...checkSources(root, each, row, exportsOf));
  }
  for (const each of [...listPackages(root, 'apps'), ...listPackages(root, 'tooling')]) {
    faults.push(...checkSources(root, each, undefined, exportsOf));
  }
  return faults;
}

function checkManifest(each: Package, row: PackageRules): string[] {
  const faults: string[] = [];
  const { name, dependencies = {}, peerDependencies = {} } = each.manifest;
  if (name !== SCOPE + row.name) faults.push(`${each.folder}: is named ${name}, not ${SCOPE}${row.name}`);
  const allowed = new Set([...row.ours.map((ours) => SCOPE + ours), ...row.others]);
  for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) {
    if (!allowed.has(dependency)) faults.push(`${each.folder}/package.json: may not depend on ${dependency}`);
  }
  for (const [dependency, range] of Object.entries(dependencies)) {
    if (dependency.startsWith(SCOPE) && !range.startsWith('workspace:')) {
      faults.push(`${each.folder}/package.json: ${dependency} must come from the workspace, not ${range}`);
    }
  }
  return faults;
}

function checkUnused(root: string, each: Package): string[] {
  const used = new Set<string>();
  for (const file of listFiles(root, `${each.folder}/src`).filter(isShippedSource)) {
    for (const { specifier } of scanImports(readFileSync(join(root, file), 'utf8'))) used.add(packageOf(specifier));
  }
  return Object.keys(each.manifest.dependencies ?? {})
    .filter((dependency) => !used.has(dependency))
    .map((dependency) => `${each.folder}/package.json: ${dependency} is declared but no source imports it`);
}

function isShippedSource(file: string): boolean {
  return file.endsWith('.ts') && !isTestFile(file);
}

type Exports = ReadonlyMap<string, NonNullable<Package['manifest']['exports']>>;

function checkSources(root: string, each: Package, row: PackageRules | undefined, exportsOf: Exports): string[] {
  const faults: string[] = [];
  for (const file of listFiles(root, each.folder).filter((path) => path.endsWith('.ts'))) {
    for (const found of scanImports(readFileSync(join(root, file), 'utf8'))) {
      // Only what is published can hide an import in a call; elsewhere such a call is often text for another program.
      if (found.dynamic && row === undefined) continue;
      const fault = checkImport(root, each, row, file, found.specifier, exportsOf);
      if (fault !== undefined) faults.push(`${file}:${found.line}: ${fault}`);
    }
  }
  return faults;
}

/** One import of one file: the sentence that says what is wrong with it, or undefined. */
function checkImport(
  root: string,
  each: Package,
  row: PackageRules | undefined,
  file: string,
  specifier: string,
  exportsOf: Exports,
): string | undefined {
  if (specifier.startsWith('.')) return checkRelative(root, each, file, specifier);
  const test = isTestFile(file);
  if (specifier.startsWith('node:')) {
    return row?.side === 'core' && !test ? `the core may not import ${specifier}` : undefined;
  }
  const name = packageOf(specifier);
  const entries = exportsOf.get(name);
  if (entries !== undefined && !(`.${specifier.slice(name.length)}` in entries)) {
    return `${specifier} is not an entry in the exports of ${name}`;
  }
  if (name === each.manifest.name) {
    return row !== undefined && !test ? `imports its own package by name; use a relative path` : undefined;
  }
  if ((test || each.folder.startsWith('tooling/')) && TEST_TOOLS.includes(name)) return undefined;
  if (row !== undefined && !test) return checkAgainstTable(row, each, name);
  return isDeclared(each, name) ? undefined : `imports ${name}, which ${each.folder}/package.json does not declare`;
}

function checkRelative(root: string, each: Package, file: string, specifier: string): string | undefined {
  const target = relativeTo(root, resolve(root, dirname(file), specifier));
  if (!target.startsWith(`${each.folder}/`)) return `${specifier} reaches into another package; import it by name`;
  const emitted = !isTestFile(file) && each.folder.startsWith('packages/');
  if (emitted && (isTestFile(target) || !target.startsWith(`${each.folder}/src/`))) {
    return `${specifier} is not among the sources that are published`;
  }
  return undefined;
}

function checkAgainstTable(row: PackageRules, each: Package, name: string): string | undefined {
  const ours = name.startsWith(SCOPE) ? name.slice(SCOPE.length) : undefined;
  const allowed = ours === undefined ? row.others.includes(name) : row.ours.includes(ours);
  if (!allowed) return `${row.name} may not import ${name}`;
  if (each.manifest.dependencies?.[name] === undefined && each.manifest.peerDependencies?.[name] === undefined) {
    return `imports ${name}, which ${each.folder}/package.json does not declare as a dependency`;
  }
  return undefined;
}

function isDeclared(each: Package, name: string): boolean {
  const { dependencies, devDependencies, peerDependencies } = each.manifest;
  return [dependencies, devDependencies, peerDependencies].some((list) => list?.[name] !== undefined);
}

/** Which of the imports stay inside the package, as file names; used to look for cycles. */
export function localImports(root: string, file: string): { target: string; found: Import }[] {
  return scanImports(readFileSync(join(root, file), 'utf8'))
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map((found) => ({ target: relativeTo(root, resolve(root, dirname(file), found.specifier)), found }));
}
