/** What cannot be the same on two stacks, and what stands in its place. */

/** One rule: its name says what is left out. */
interface Rule {
  readonly name: string;
  apply(log: readonly string[]): string[];
}

/** Beginning of the range that both choose ports from. */
const EPHEMERAL_FIRST = 32_768;

/** Each port that a stack chose is told by the order in which it was first seen. */
const ephemeralPorts: Rule = {
  name: 'ephemeral ports',
  apply(log) {
    const seen: number[] = [];
    return log.map((line) =>
      line.replace(/:(\d{5})\b/g, (text, digits: string) => {
        const port = Number(digits);
        if (port < EPHEMERAL_FIRST) return text;
        if (!seen.includes(port)) seen.push(port);
        return `:port${seen.indexOf(port) + 1}`;
      }),
    );
  },
};

const RULES: readonly Rule[] = [ephemeralPorts];

/** The log without what must differ. */
export function normalized(log: readonly string[]): string[] {
  return RULES.reduce<string[]>((lines, rule) => rule.apply(lines), [...log]);
}
