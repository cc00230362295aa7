/** The page of counters, written from their table in the sources. */

/** What of the sources it needs. */
export interface CounterSources {
  readonly rows: readonly {
    readonly name: string;
    readonly plus: readonly string[];
    readonly minus: readonly string[];
    readonly does: string;
  }[];
  /** Names that Linux has and we do not, and why. */
  readonly absent: readonly (readonly [names: string, why: string])[];
}

/** The whole page. */
export function drawCounters({ rows, absent }: CounterSources, command: string): string {
  const lines = rows.map(({ name, plus, minus, does }) => {
    const ours = [...plus.map((one) => `\`${one}\``), ...minus.map((one) => `less \`${one}\``)].join(', ');
    return `| \`${name}\` | ${ours} | ${does} |`;
  });
  const missing = absent.map(([names, why]) => `| ${names} | ${why} |`);
  return `# Counters

Written from [\`views/mib.ts\`](../packages/sockets/src/views/mib.ts) and its tables by
\`${command}\`; do not edit.

\`host.snmp()\` gives the kernel's counters by the kernel's names, and \`host.proc(path)\` what the kernel prints in
\`net/snmp\`, \`net/netstat\`, \`net/sockstat\`, \`net/sockstat6\`, \`net/tcp\`, \`net/tcp6\`, \`net/udp\` and \`net/udp6\`. \`host.counters()\` has our own, which are finer:
each packet that went no further is under the name of its reason there. Where this page names more than one of them,
the kernel's is their sum; where it names none, the value is looked up when it is asked for.

| kernel | ours | what it counts |
|---|---|---|
${lines.join('\n')}

## Not there

A name that we could only leave at 0 is in no listing.

| kernel | why |
|---|---|
${missing.join('\n')}
`;
}
