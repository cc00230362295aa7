/** The pages of socket options, of sysctl names and of counters, written from the tables of the sources and from a fresh Host. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CounterSources, drawCounters } from './counters-page.ts';

export const OPTIONS_PAGE = 'docs/options.md';
export const SYSCTL_PAGE = 'docs/sysctl.md';
export const COUNTERS_PAGE = 'docs/counters.md';
export const SOURCES = 'packages/sockets/src';
const WRITER = 'tooling/checks/src/write-kernel-pages.ts';
const CONDITION = '--conditions=@tcpstack/source';
export const COMMAND = `node ${CONDITION} ${WRITER}`;

/** What of the sources this needs; it is imported by path, so that the checks depend on no package. */
interface Sources {
  readonly rows: readonly { name: string; linux: string; range: string; does: string; set: unknown }[];
  readonly sysctl: { get(name: string): string | number };
  readonly sys: {
    socket(domain: number, type: number): number;
    getsockopt(fd: number, level: number, name: number): unknown;
  };
  /** Numbers of the options of each level, and what may be set. */
  readonly levels: ReadonlyMap<number, ReadonlyMap<number, { set: unknown; range?: string }>>;
  readonly counters: CounterSources;
}

/** One option as `constants.ts` has it. */
export interface Documented {
  readonly name: string;
  readonly number: number;
  readonly does: string;
}

export const LEVELS = [
  { name: 'SOL_SOCKET', prefix: 'SO_', man: 'socket(7)' },
  { name: 'IPPROTO_TCP', prefix: 'TCP_', man: 'tcp(7)' },
  { name: 'IPPROTO_UDP', prefix: 'UDP_', man: 'udp(7), for datagrams' },
  { name: 'IPPROTO_IP', prefix: 'IP_', man: 'ip(7)' },
  { name: 'IPPROTO_IPV6', prefix: 'IPV6_', man: 'ipv6(7), for sockets of AF_INET6' },
] as const;
/** Names that begin like options and are values of one. */
const VALUES = /^IP_PMTUDISC_/;
const CONSTANT = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?export const ([A-Z0-9_]+) = (\d+|0x[\da-f]+);/g;

/** Violations, one sentence each. In a process of its own, which reads the packages' sources without a build. */
export function checkKernelPages(root: string): string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CONDITION, join(root, WRITER), '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) return [`${WRITER} fails: ${stderr.trim().split('\n').at(-1) ?? ''}`];
  return stdout.split('\n').filter((line) => line !== '');
}

/** One sentence for each of these pages that is not there as it is drawn. */
export function stalePages(root: string, pages: ReadonlyMap<string, string>): string[] {
  const stale = [...pages].filter(([path, page]) => {
    const file = join(root, path);
    return !existsSync(file) || readFileSync(file, 'utf8') !== page;
  });
  return stale.map(([path]) => `${path} is not what the sources say: run ${COMMAND}`);
}

/** The pages, by their paths. */
export async function drawKernelPages(root: string): Promise<ReadonlyMap<string, string>> {
  const sources = await readSources(root);
  const constants = readFileSync(join(root, SOURCES, 'constants.ts'), 'utf8');
  return new Map([
    [OPTIONS_PAGE, drawOptions(sources, constants)],
    [SYSCTL_PAGE, drawSysctl(sources)],
    [COUNTERS_PAGE, drawCounters(sources.counters, COMMAND)],
  ]);
}

async function readSources(root: string): Promise<Sources> {
  const from = (file: string) => import(pathToFileURL(join(root, SOURCES, file)).href);
  const [{ Host }, { SYSCTL_ROWS }, { OPTION_LEVELS }, { MIB_ROWS, ABSENT_ROWS }] = await Promise.all([
    from('host.ts'),
    from('sysctl.ts'),
    from('syscalls/options/tables.ts'),
    from('views/mib.ts'),
  ]);
  const { sys, sysctl } = new Host({ address: '192.0.2.1', mtuBytes: 1500, entropy: new Uint8Array(32) });
  const counters = { rows: MIB_ROWS, absent: ABSENT_ROWS };
  return { rows: SYSCTL_ROWS, sysctl, sys, levels: OPTION_LEVELS, counters };
}

/** Every number of `constants.ts`, in order. */
export function documentedConstants(constants: string): Documented[] {
  return [...constants.matchAll(CONSTANT)].map(
    ([, does = '', name = '', number]): Documented => ({
      name,
      number: Number(number),
      does: capital(sentence(does).replace(/^Read only: /, '')),
    }),
  );
}

function drawOptions({ sys, levels }: Sources, constants: string): string {
  const documented = documentedConstants(constants);
  const numberOf = (name: string) => documented.find((one) => one.name === name)?.number ?? -1;
  const fd = sys.socket(numberOf('AF_INET6'), numberOf('SOCK_STREAM'));
  const sections = LEVELS.map(({ name, prefix, man }) => {
    const level = numberOf(name);
    const rows = [...(levels.get(level) ?? [])]
      .sort(([a], [b]) => a - b)
      .map(([number, { set, range }]) => {
        const option = documented.find(
          (one) => one.number === number && one.name.startsWith(prefix) && !VALUES.test(one.name),
        );
        const value = sys.getsockopt(fd, level, number);
        const cells = [
          option?.name ?? '?',
          number,
          typeOf(value),
          set === null ? 'only read' : (range ?? ''),
          shown(value),
        ];
        return `| ${cells.join(' | ')} | ${option?.does ?? ''} |`;
      });
    return `## ${name} (${level})\n\nAs in ${man}.\n\n| name | number | type | range | default | what it does |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Socket options

Written from [\`options\`](../${SOURCES}/syscalls/options) and [\`constants.ts\`](../${SOURCES}/constants.ts) by
\`${COMMAND}\`; do not edit.

\`getsockopt()\` and \`setsockopt()\` take numbers, texts and records. An option or level that there is not is \`ENOPROTOOPT\`, as
is setting one that can only be read; reading one of a level that a socket of IPv4 has not is \`EOPNOTSUPP\`, as in Linux. A
value out of its range, or of another type, is \`EINVAL\`. What a listener was told holds for what it accepts. "on or off" is off for 0 and on for any other number, and is read as 0 or 1. A default of
-ENOTCONN is that of an option of connections.

${sections.join('\n')}
## TCP_INFO

The fields of Linux's \`struct tcp_info\`, by their names and in its units: times in microseconds, those named \`last\` in
milliseconds ago; cwnd and what is in flight in segments; rates in bytes a second, \`Infinity\` for none. Of what is in
flight we keep bytes: segments are as many as these fill. A packet larger than our MSS counts as the full segments that
links have merged into it. \`tcpi_bytes_acked\` and \`tcpi_bytes_received\` are bytes of the stream, where Linux counts a FIN,
and the SYN of who connected, as one more.

${Object.keys(infoOf(sys, fd, numberOf('IPPROTO_TCP'), numberOf('TCP_INFO')))
  .map((name) => `\`${name}\``)
  .join(' ')}

What we have no truth for is not there:

| fields | why |
|---|---|
| \`tcpi_busy_time\`, \`tcpi_rwnd_limited\`, \`tcpi_sndbuf_limited\` | each segment would have to say what held the next one back, and since when |
| \`tcpi_delivered\`, \`tcpi_delivered_ce\` | what is in flight is kept as bytes: several small segments are one range, which an ACK delivers as a whole |
| \`tcpi_rcv_mss\` | Linux guesses the peer's segments from each that comes; we acknowledge by our own MSS |
| \`tcpi_rcv_ssthresh\`, \`tcpi_rcv_space\` | the window is the room in the buffer: nothing bounds it besides |
| \`tcpi_fackets\`, \`tcpi_last_ack_sent\`, \`tcpi_rehash\` | Linux leaves the first two at 0; there is no other path to choose |
| \`tcpi_fastopen_client_fail\` | why a cookie did not serve is counted for the Host, not for each connection |
| \`tcpi_total_rto_recoveries\`, \`tcpi_total_rto_time\` | of time-outs their number is kept, not how long they lasted |
`;
}

function infoOf(sys: Sources['sys'], fd: number, level: number, name: number): object {
  const info = sys.getsockopt(fd, level, name);
  return typeof info === 'object' && info !== null ? info : {};
}

function drawSysctl({ rows, sysctl }: Sources): string {
  const lines = rows.map(({ name, linux, range, does, set }) => {
    const value = String(sysctl.get(name)).replaceAll('\t', ' ') || 'none';
    return `| \`${name}\` | ${value} | ${linux} | ${set === null ? 'only read' : range} | ${does} |`;
  });
  return `# sysctl

Written from [\`sysctl.ts\`](../${SOURCES}/sysctl.ts) and its tables by
\`${COMMAND}\`; do not edit.

\`host.sysctl.get(name)\` and \`.set(name, value)\` read and set what a Host does, by the kernel's names, while it runs; \`.names()\`
lists them. Values are text, as the kernel prints them. \`-ENOENT\` is a name that there is not, \`-EACCES\` one that can only
be read, \`-EINVAL\` a value out of range. \`HostOptions.settings\` has the same under names of its own, and throws a
\`RangeError\` for a value out of range. Where Linux reads a value when it needs it, connections that live follow a change;
options of SYNs, buffers and the congestion control are of what begins later.

| name | default | Linux | range | what it does |
|---|---|---|---|---|
${lines.join('\n')}
`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** A comment as one line. */
export function sentence(comment: string): string {
  return comment
    .replace(/\s*\n\s*\*?\s*/g, ' ')
    .replaceAll('|', '\\|')
    .trim();
}

function typeOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? 'text' : 'number';
  const names = Object.keys(value);
  return names.length > 3 ? 'record' : `{ ${names.join(', ')} }`;
}

/** What getsockopt() says instead of a default. */
const REFUSALS: ReadonlyMap<unknown, string> = new Map([
  [-107, '-ENOTCONN'],
  [-92, 'only set'],
]);

function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return REFUSALS.get(value) ?? (value === '' ? "''" : String(value));
  const values = Object.values(value);
  return values.length > 3 ? '' : `{ ${values.join(', ')} }`;
}
