/** Proof, "curl, and headless Chromium loading the demo page over TUN", and how the demo ends, well and badly. */

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Namespace } from '@tcpstack/netns/namespace';
import type { NodeProcess } from '@tcpstack/netns/node-process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HTTP_DEMO, runDemo, startApp } from '../src/apps.ts';
import { PseudoRandomStream } from '../src/pseudo-random.ts';
import { Scratch } from '../src/scratch.ts';
import { kernelSuite } from '../src/suite.ts';
import { judge } from '../src/wire-judge.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const CURL = ['--silent', '--show-error', '--fail', '--max-time', '10'];

/** What is looked at in a line of `--json`. */
interface Told {
  readonly type: string;
  readonly flags: readonly string[];
  readonly seq: number;
  readonly ack: number | null;
  readonly checksumValid: boolean;
}

kernelSuite('the HTTP demo over TUN', ['curl', 'tshark', 'python3'], () => {
  describe('serving', () => {
    let namespace: Namespace;
    let demo: NodeProcess;
    let url: string;
    let secure: string;
    let scratch: Scratch;
    beforeAll(async () => {
      namespace = new Namespace();
      scratch = new Scratch();
      const options = ['tcp0', '--tls', '--pcap', scratch.path('demo.pcapng')];
      ({ app: demo, where: url } = await startApp(namespace, HTTP_DEMO, ...options));
      secure = await demo.line('listening on ');
    });
    afterAll(() => {
      namespace.remove();
      scratch[Symbol.dispose]();
    });

    const curl = (path: string, ...options: string[]): string => namespace.run('curl', ...CURL, ...options, url + path);

    test('it says where, and needs no network: the only route is that of its own device', () => {
      expect(url).toBe('http://10.77.0.2:80/');
      expect(namespace.run('ip', 'route').trim()).toMatch(/^10\.77\.0\.0\/24 dev tcp0 [^\n]*$/);
    });

    test('curl fetches the page', () => {
      const page = curl('');
      expect(page).toContain('<title>This page crossed our own TCP</title>');
      expect(page.trimEnd()).toMatch(/<\/html>$/);
    });

    test.each([0, 1, 1_000_000, 10_000_000])('curl fetches %i bytes with the SHA-256 that the demo tells', (bytes) => {
      const file = scratch.path('bytes');
      curl(`bytes/${bytes}`, '--output', file);
      const received = readFileSync(file);
      expect(received).toHaveLength(bytes);
      expect(curl(`bytes/${bytes}/sha256`)).toContain(sha256(received));
    });

    test('curl fetches over HTTPS, with HTTP/2 and with HTTP/1.1, and the demo knows which', () => {
      expect(secure).toBe('https://10.77.0.2:443/');
      const fetch = (option: string) =>
        JSON.parse(namespace.run('curl', ...CURL, '--insecure', option, `${secure}connection`)) as { protocol: string };
      expect(fetch('--http2').protocol).toBe('HTTP/2 over TLSv1.3');
      expect(fetch('--http1.1').protocol).toBe('HTTP/1.1 over TLSv1.3');
    });

    test('the page draws the handshake of the kernel with the segments of its own connection', () => {
      const labels = [...curl('').matchAll(/text-anchor="middle">([^<]*)</g)].map((match) => match[1]);
      expect(labels[1]).toMatch(/^SYN seq 0 len 0, win \d+, mss 1460, sackOK, TS, nop, wscale \d+$/);
      expect(labels[2]).toMatch(/^SYN ACK seq 0 ack 1 len 0, win \d+, mss 1460/);
      expect(labels[3]).toMatch(/^ACK seq 1 ack 1 len 0$/);
      expect(labels[4]).toMatch(/^PSH ACK seq 1:\d+ ack 1 len \d+ · GET \/$/);
    });

    test('the digest field is that of what curl received (RFC 9530), over HTTP/2 too', () => {
      const [file, head] = [scratch.path('bytes'), scratch.path('head')];
      for (const base of [url, secure]) {
        namespace.run('curl', ...CURL, '--insecure', '--dump-header', head, '--output', file, `${base}bytes/3000000`);
        const base64 = createHash('sha256').update(readFileSync(file)).digest('base64');
        expect(readFileSync(head, 'utf8').toLowerCase()).toContain(`content-digest: sha-256=:${base64.toLowerCase()}:`);
      }
    });

    test('curl fetches a part of a file, and resumes', () => {
      const whole = curl('files/handshake.txt');
      expect(curl('files/handshake.txt', '--range', '10-29')).toBe(whole.slice(10, 30));
      expect(curl('files/handshake.txt', '--continue-at', '500')).toBe(whole.slice(500));
    });

    test('server-sent events tell of the connection each second, until the demo or the client ends them', () => {
      // curl ends with 28 when its time is over; --fail would not mind.
      const script = 'curl --silent --insecure --no-buffer --max-time 1.5 "$1"events || test $? = 28';
      const told = namespace.run('sh', '-c', script, 'sh', secure);
      expect(told.match(/^event: connection$/gm)).toHaveLength(2);
      expect(told).toContain('ESTABLISHED');
    });

    test('the answer to an upload of 5 MB has the SHA-256 of what was sent', () => {
      const file = scratch.path('upload');
      const stream = new PseudoRandomStream(1, 5_000_000);
      const parts: Buffer[] = [];
      for (let part = stream.next(); part !== undefined; part = stream.next()) parts.push(part);
      const body = Buffer.concat(parts);
      writeFileSync(file, body);
      // Without "Expect: 100-continue" and with it.
      expect(curl('upload', '--data-binary', `@${file}`, '--header', 'Expect:')).toContain(sha256(body));
      expect(curl('upload', '--data-binary', `@${file}`, '--header', 'Expect: 100-continue')).toContain(sha256(body));
    });

    test('the name of the device is taken: one line says so, exit 1', async () => {
      const busy = await runDemo(
        namespace,
        '"$@"',
        '--tun',
        'tcp0',
        '--address',
        '10.78.0.2/24',
        '--host-address',
        '10.78.0.1/24',
      );
      expect(busy).toEqual({ code: 1, output: expect.stringMatching(/^http-demo: tcp0: EBUSY: [^\n]*\n$/) });
    });

    test('SIGTERM ends it with 0, the device is gone, and the capture is one that tshark trusts', async () => {
      demo.child.kill('SIGTERM');
      await demo.success();
      expect(namespace.run('ip', '-br', 'link')).not.toContain('tcp0');
      const judgement = judge(scratch.path('demo.pcapng'));
      expect(judgement.faults).toEqual([]);
      expect(judgement.frames).toBeGreaterThan(100);
    });
  });

  test('the client fetches from a server of the kernel, tells what both sent, and the device is gone', async () => {
    const namespace = new Namespace();
    using scratch = new Scratch();
    try {
      const body = Buffer.alloc(200_000, 'served by the kernel ');
      writeFileSync(scratch.path('file.txt'), body);
      // It listens before the device has its address.
      const serve = ['-m', 'http.server', '--bind', '0.0.0.0', '--directory', scratch.folder, '8000'];
      const server = namespace.spawn('python3', serve, { stdio: 'ignore' });
      await expect.poll(() => namespace.run('ss', '-tlnH')).toContain(':8000');
      const url = 'http://10.77.0.1:8000/file.txt';
      const { code, output } = await runDemo(namespace, '"$@"', 'fetch', '--tun', 'tcp0', '--json', url);
      const events = output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Told);
      expect(code).toBe(0);
      expect(events.at(-1)).toMatchObject({ type: 'answer', statusLine: 'HTTP/1.0 200 OK', sha256: sha256(body) });
      const segments = events.filter((event) => event.type === 'segment');
      const [syn, synAck] = segments;
      expect([syn?.flags, synAck?.flags]).toEqual([['SYN'], ['ACK', 'SYN']]);
      expect(synAck?.ack).toBe(((syn?.seq ?? 0) + 1) >>> 0);
      expect(segments.every(({ checksumValid }) => checksumValid)).toBe(true);
      server.kill();
      expect(namespace.run('ip', '-br', 'link')).not.toContain('tcp0');
    } finally {
      namespace.remove();
    }
  });

  test('SIGINT with a download under way ends it too, and the download is not cut off in silence', async () => {
    const namespace = new Namespace();
    try {
      const { app: demo, where: url } = await startApp(namespace, HTTP_DEMO, 'tcp0');
      // After a burst it sleeps until its rate is what was asked for, and does not look: not for longer than 4 s.
      const slow = [
        ...CURL,
        '--max-time',
        '4',
        '--limit-rate',
        '1M',
        '--output',
        '/dev/null',
        `${url}bytes/1000000000`,
      ];
      const download = namespace.spawn('curl', slow, { stdio: 'ignore' });
      const ended = new Promise<number | null>((resolve) => download.once('close', resolve));
      await expect.poll(() => namespace.run('ss', '-tnH', 'state', 'established')).toContain('10.77.0.2:80');
      demo.child.kill('SIGINT');
      await demo.success();
      expect(await ended).not.toBe(0);
      expect(namespace.run('ip', '-br', 'link')).not.toContain('tcp0');
    } finally {
      namespace.remove();
    }
  });
});
