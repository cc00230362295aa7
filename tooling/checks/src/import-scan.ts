/** Find the import specifiers of a TypeScript file by its text, as the formatter lays it out. */

/** One import or re-export. */
export interface Import {
  readonly specifier: string;
  /** 1-based line on which the statement starts. */
  readonly line: number;
  /** True for `import type` and `export type`, which leave no trace in the emitted code. */
  readonly typeOnly: boolean;
  /** True for `import()` and its kin, which the scan also sees inside strings. */
  readonly dynamic: boolean;
}

// The formatter puts every static import at the start of a line, so comments and strings do not match.
const STATIC = /^[ \t]*(?:import|export)\b(\s+type\b)?[^;'"`()]*?\bfrom\s*['"]([^'"\n]+)['"]/gm;
const BARE = /^[ \t]*import\s*['"]([^'"\n]+)['"]/gm;
const DYNAMIC = /^(?![ \t]*(?:\*|\/\/)).*?\bimport\(\s*['"]([^'"\n]+)['"]/gm;
const META_RESOLVE = /\b(?:import\.meta\.resolve|require(?:\.resolve)?)\(\s*['"]([^'"\n]+)['"]/g;

/** All imports of the text, in order: static, bare, dynamic with a literal, `import.meta.resolve`, `require`. */
export function scanImports(text: string): Import[] {
  const found: Import[] = [];
  const lineAt = (index: number): number => text.slice(0, index).split('\n').length;
  for (const match of text.matchAll(STATIC)) {
    const typeOnly = match[1] !== undefined;
    found.push({ specifier: match[2] ?? '', line: lineAt(match.index), typeOnly, dynamic: false });
  }
  for (const pattern of [BARE, DYNAMIC, META_RESOLVE]) {
    for (const match of text.matchAll(pattern)) {
      const dynamic = pattern !== BARE;
      found.push({ specifier: match[1] ?? '', line: lineAt(match.index), typeOnly: false, dynamic });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}

/** The package that a bare specifier names: `@scope/name/sub` is `@scope/name`, `name/sub` is `name`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}
