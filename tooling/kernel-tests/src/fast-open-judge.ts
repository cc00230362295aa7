/** What tshark reads of Fast Open in a capture: each handshake as a line a packet, up to the first ACK of the client. */

import { spawnSync } from 'node:child_process';

const FIELDS = [
  ...['tcp.stream', 'tcp.flags.syn', 'tcp.flags.ack', 'tcp.len', 'tcp.ack', 'ip.src', 'ipv6.src'],
  ...['tcp.options.tfo.request', 'tcp.options.tfo.cookie', '_ws.malformed', 'tcp.checksum.status'],
];
const OPTIONS = ['tcp.check_checksum:TRUE', 'tcp.relative_sequence_numbers:TRUE'];
const GOOD = '1';

/** Of each connection in order, as `SYN asks`, `SYN-ACK of 100 gives`, `SYN with 100 shows`, `answer 100`, `ACK`. */
export function readHandshakes(capture: string): string[][] {
  const args = ['-n', '-r', capture, '-Y', 'tcp', '-d', 'tcp.port==0-65535,data', '-T', 'fields', '-E', 'separator=/t'];
  for (const option of OPTIONS) args.push('-o', option);
  for (const field of FIELDS) args.push('-e', field);
  const { status, stdout, stderr } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`tshark could not read the capture: ${stderr}`);
  const streams: { client: string; lines: string[]; isOver: boolean }[] = [];
  for (const line of stdout.split('\n').filter((each) => each !== '')) {
    const [stream, syn, ack, length, acked, from4, from6, request, cookie, malformed, sum] = line.split('\t');
    if (malformed !== '' || sum !== GOOD) throw new Error(`tshark finds fault with: ${line}`);
    const from = `${from4}${from6}`;
    const index = Number(stream);
    const one = streams[index] ?? { client: from, lines: [], isOver: false };
    streams[index] = one;
    if (one.isOver) continue;
    const data = Number(length);
    const isGiven = cookie !== '';
    if (isSet(syn) && !isSet(ack)) {
      one.lines.push(`SYN${data > 0 ? ` with ${data}` : ''}${isGiven ? ' shows' : isSet(request) ? ' asks' : ''}`);
    } else if (isSet(syn)) one.lines.push(`SYN-ACK of ${Number(acked) - 1}${isGiven ? ' gives' : ''}`);
    else if (from !== one.client) one.lines.push(`answer ${data}`);
    else {
      one.isOver = true;
      one.lines.push('ACK');
    }
  }
  return streams.map(({ lines }) => lines);
}

/** Versions of tshark print flags as numbers or as words. */
function isSet(flag: string | undefined): boolean {
  return flag === '1' || flag === 'True';
}
