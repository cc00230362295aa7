/** The wire judge: tshark reads a capture of ours with every checksum validated, and says what it thinks of it. */

import { spawnSync } from 'node:child_process';
import { OUR_ADDRESS } from './link-choice.ts';

/** What tshark found. */
export interface Judgement {
  readonly frames: number;
  /** Frames in which the checksums of both IP and the transport were validated and right. */
  readonly goodFrames: number;
  /** Everything tshark calls malformed, an error, or wrongly summed; one line a frame. */
  readonly faults: readonly string[];
  /** Highest payload of one TCP segment or super-segment. */
  readonly payloadMaxBytes: number;
}

const FIELDS = [
  'frame.number',
  '_ws.malformed',
  'ip.checksum.status',
  'tcp.checksum.status',
  'icmp.checksum.status',
  '_ws.expert.severity',
  '_ws.expert.message',
  'tcp.len',
  // An ACK for bytes that the capture of its sender never saw arrive.
  'tcp.analysis.ack_lost_segment',
  'ip.src',
  'tcp.checksum',
  'tcp.checksum_calculated',
] as const;
const OPTIONS = ['tcp.check_checksum:TRUE', 'ip.check_checksum:TRUE', 'tcp.relative_sequence_numbers:TRUE'];
/** Random bytes sometimes look like a protocol that somebody invented, and never like a good packet of it. */
const NOTHING_ABOVE = ['-d', 'tcp.port==0-65535,data'];
const GOOD = '1';
/** Severity `Error` in Wireshark's numbers. */
const ERROR = 0x800000;

/** Reads the whole capture at `path`. Throws when tshark cannot. */
export function judge(path: string): Judgement {
  const args = ['-n', '-r', path, ...NOTHING_ABOVE, '-T', 'fields', '-E', 'separator=/t', '-E', 'occurrence=a'];
  for (const option of OPTIONS) args.push('-o', option);
  for (const field of FIELDS) args.push('-e', field);
  const { status, stdout, stderr } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`tshark could not read the capture: ${stderr}`);
  const lines = stdout.split('\n').filter((line) => line !== '');
  const faults: string[] = [];
  let goodFrames = 0;
  let payloadMaxBytes = 0;
  for (const line of lines) {
    const [number, malformed, ip, tcp, icmp, severities = '', messages, length, unseen, from, sum, rightSum] =
      line.split('\t');
    // The kernel writes a sum of zero as its other form, as UDP must; tshark knows only one form.
    const isOtherZero = from !== OUR_ADDRESS && sum === '0xffff' && rightSum === '0x0000';
    const transport = tcp === '' ? icmp : isOtherZero ? GOOD : tcp;
    payloadMaxBytes = Math.max(payloadMaxBytes, Number(length));
    const isError = !isOtherZero && severities.split(',').some((severity) => Number(severity) >= ERROR);
    if (ip === GOOD && transport === GOOD) goodFrames++;
    else faults.push(`frame ${number}: checksums IP ${ip}, transport ${transport}`);
    if (malformed !== '' || isError || unseen !== '') faults.push(`frame ${number}: ${malformed} ${messages}`);
  }
  return { frames: lines.length, goodFrames, faults, payloadMaxBytes };
}
