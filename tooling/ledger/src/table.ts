/** The tables that a ledger is made from: an RFC's requirements, and reasons for options not taken. */

/** One labelled requirement. A label may stand for several: their rows differ in the requirement. */
export interface Requirement {
  readonly label: string;
  /** The word of the RFC's own summary: MUST, MUST NOT, SHOULD, ... */
  readonly level: string;
  readonly group: string;
  readonly requirement: string;
  /** May be empty: the RFC's summary names no section. */
  readonly section: string;
}

function rowsOf(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.slice(1).map((line) => line.split('\t'));
}

/** Reads tab-separated lines of label, level, group, requirement, section; the first line is the heading. */
export function readRequirements(text: string): Requirement[] {
  return rowsOf(text).map(([label = '', level = '', group = '', requirement = '', section = '']) => {
    if (!/^[A-Z0-9]+-\d+$/.test(label) || requirement === '') throw new Error(`no requirement: "${label}"`);
    return { label, level, group, requirement, section };
  });
}

/** Reads tab-separated lines of label and reason; the first line is the heading. */
export function readReasons(text: string): Map<string, string> {
  return new Map(rowsOf(text).map(([label = '', reason = '']) => [label, reason]));
}

/** A label as a title or a comment says it. */
export interface Mention {
  readonly label: string;
  /** Words behind the label that choose among rows with the same label: `[MUST-15 IPv6]`; '' chooses all. */
  readonly words: string;
}

/** The labels in square brackets in `text`: `[MUST-15]`, `[MUST-15 IPv6]`. */
export function mentionsIn(text: string): Mention[] {
  return [...text.matchAll(/\[((?:MUST|SHLD|REC|MAY)-\d+)([^\]\n]*)\]/g)].map(([, label = '', words = '']) => ({
    label,
    words: words.trim(),
  }));
}

/** Whether the mention is of this row. */
export function isMentionOf(mention: Mention, row: Requirement): boolean {
  return mention.label === row.label && row.requirement.toLowerCase().includes(mention.words.toLowerCase());
}
