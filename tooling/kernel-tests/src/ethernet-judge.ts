/** tshark's reading of a capture of Ethernet, or of IP packets of both families: what it finds wrong, and which messages it saw. */

import { spawnSync } from 'node:child_process';

const FIELDS = [
  'frame.number',
  '_ws.malformed',
  '_ws.expert.severity',
  '_ws.expert.message',
  'eth.src',
  'tcp.srcport',
] as const;
/** What a message says: of these a frame has a few, which are joined. */
const MESSAGE_FIELDS = [
  ...['arp.opcode', 'arp.src.proto_ipv4', 'arp.dst.proto_ipv4'],
  ...['icmpv6.type', 'icmpv6.nd.ns.target_address', 'icmpv6.nd.na.target_address', 'icmpv6.opt.linkaddr'],
];
const OPTIONS = ['tcp.check_checksum:TRUE', 'udp.check_checksum:TRUE', 'ip.check_checksum:TRUE'];
const ERROR = 0x800000;
/** Of ARP and ICMPv6 not even a warning is taken: of TCP there are some about packets that are late. */
const WARNING = 0x600000;

/** What tshark found. */
export interface EthernetJudgement {
  readonly frames: number;
  /** Everything malformed, wrongly summed, or worth a warning; one line a frame. */
  readonly faults: readonly string[];
  /** What each frame from `mac` says: the values of `fields`, those that it has, with a space between. */
  readonly ours: readonly string[];
}

/** Reads the whole capture at `path`. Throws when tshark cannot. */
export function judgeEthernet(
  path: string,
  mac = 'none',
  fields: readonly string[] = MESSAGE_FIELDS,
): EthernetJudgement {
  const args = ['-n', '-r', path, '-d', 'tcp.port==0-65535,data', '-T', 'fields', '-E', 'separator=/t'];
  for (const option of OPTIONS) args.push('-o', option);
  for (const field of [...FIELDS, ...fields]) args.push('-e', field);
  const { status, stdout, stderr } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`tshark could not read the capture: ${stderr}`);
  const lines = stdout.split('\n').filter((line) => line !== '');
  const faults: string[] = [];
  const ours: string[] = [];
  for (const line of lines) {
    const [number, malformed = '', severities = '', messages = '', from, tcpPort, ...said] = line.split('\t');
    const bound = tcpPort === '' ? WARNING : ERROR;
    if (malformed !== '' || severities.split(',').some((severity) => Number(severity) >= bound)) {
      faults.push(`frame ${number}: ${malformed} ${messages}`);
    }
    if (from === mac) ours.push(said.filter((text) => text !== '').join(' '));
  }
  return { frames: lines.length, faults, ours };
}
