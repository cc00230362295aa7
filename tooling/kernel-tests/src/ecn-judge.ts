/** What tshark reads of explicit congestion notification (RFC 3168) in a capture of ours. */

import { spawnSync } from 'node:child_process';
import { OUR_ADDRESS } from './link-choice.ts';

/** What one side sent. */
export interface EcnSent {
  /** ECE and CWR of its SYN or SYN-ACK, as `ECE CWR`, `ECE` or nothing. */
  handshake: string;
  /** Packets that said that their transport understands marks. */
  capable: number;
  /** Packets that were marked on their way. */
  marked: number;
  /** Segments after the handshake that echo a mark, and that answer an echo. */
  echoes: number;
  answers: number;
}

const FIELDS = ['ip.src', 'ip.dsfield.ecn', 'tcp.flags.syn', 'tcp.flags.ece', 'tcp.flags.cwr'] as const;
const NOT_CAPABLE = 0;
const CE = 3;

/** Reads the capture at `path`. Throws when tshark cannot. */
export function judgeEcn(path: string): { ours: EcnSent; kernels: EcnSent } {
  const args = ['-n', '-r', path, '-Y', 'tcp', '-T', 'fields', '-E', 'separator=/t', '-d', 'tcp.port==0-65535,data'];
  for (const field of FIELDS) args.push('-e', field);
  const { status, stdout, stderr } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`tshark could not read the capture: ${stderr}`);
  const nothing: EcnSent = { handshake: '', capable: 0, marked: 0, echoes: 0, answers: 0 };
  const [ours, kernels] = [{ ...nothing }, { ...nothing }];
  for (const line of stdout.split('\n')) {
    const [from, ecn, syn, ece, cwr] = line.split('\t');
    if (from === undefined || from === '') continue;
    const sent = from === OUR_ADDRESS ? ours : kernels;
    if (isSet(syn)) {
      sent.handshake = [isSet(ece) ? 'ECE' : '', isSet(cwr) ? 'CWR' : ''].join(' ').trim();
    } else {
      if (Number(ecn) !== NOT_CAPABLE) sent.capable++;
      if (Number(ecn) === CE) sent.marked++;
      if (isSet(ece)) sent.echoes++;
      if (isSet(cwr)) sent.answers++;
    }
  }
  return { ours, kernels };
}

/** Versions of tshark print flags as numbers or as words. */
function isSet(flag: string | undefined): boolean {
  return flag === '1' || flag === 'True';
}
