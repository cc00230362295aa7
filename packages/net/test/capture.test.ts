/** The outside judge: what our stacks say to each other, as tshark reads it, every checksum verified. */

import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureLink, pcapngSink } from '@tcpstack/runtime/capture-link';
import type { Link } from '@tcpstack/runtime/link';
import { expect, onTestFinished, test } from 'vitest';
import { connected, listening, makePair } from './pair.ts';

const hasTshark = spawnSync('tshark', ['--version']).status === 0;

function temporaryFile(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tcpstack-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, name);
}

/** Lines of tshark's reading of `file`, one per packet that `filter` lets through. */
function tshark(file: string, filter: string, ...fields: string[]): string[] {
  const checks = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
  const output = ['-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
  const text = execFileSync('tshark', ['-r', file, '-Y', filter, ...checks, ...output], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text.split('\n').filter((line) => line !== '');
}

test.skipIf(!hasTshark).each([
  ['software checksums', {}],
  ['partial checksums and super-segments', { superSegmentBytes: 65535, checksum: 'trusted' }],
] as const)(
  'tshark finds no bad checksum and nothing malformed in 2 MB each way: %s',
  async (_name, options) => {
    const blocks: Uint8Array[] = [];
    let packets = 0;
    const sink = pcapngSink((bytes) => blocks.push(bytes));
    // Without tail probes: after 10 ms in which a busy machine does not let us run they would send segments again.
    const patient = { lossDetection: 'sack' } as const;
    const capture = (link: Link) =>
      captureLink(link, (packet) => {
        packets++;
        sink(packet);
      });
    const pair = makePair(options, capture, patient, patient);
    const server = await listening(
      pair.server.createServer((socket) => socket.pipe(socket)),
      7,
    );
    const { near } = await connected(pair, server, 7);
    near.resume();
    near.end(Buffer.alloc(2_000_000, 'All work and no play. '));
    await once(near, 'close');
    expect(near.bytesRead).toBe(2_000_000);
    const file = temporaryFile('transfer.pcapng');
    writeFileSync(file, Buffer.concat(blocks));

    const good = 'tcp && tcp.checksum.status == 1 && ip.checksum.status == 1';
    expect(tshark(file, good, 'frame.number').length).toBe(packets);
    expect(
      tshark(file, '_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0', 'frame.number'),
    ).toEqual([]);
    const faults = 'tcp.analysis.retransmission || tcp.analysis.lost_segment || tcp.analysis.zero_window_probe';
    expect(tshark(file, faults, 'frame.number', '_ws.col.Info')).toEqual([]);
    expect(tshark(file, 'tcp.flags.syn == 1', 'tcp.flags.str')).toHaveLength(2);
    expect(tshark(file, 'tcp.flags.fin == 1', 'tcp.flags.str')).toHaveLength(2);
    expect(tshark(file, 'tcp.flags.reset == 1', 'frame.number')).toEqual([]);
  },
  30_000,
);
