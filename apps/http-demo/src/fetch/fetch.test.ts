import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { SegmentEvent, StoryEvent } from '../story/events.ts';
import { drawLadder } from '../story/ladder.ts';
import { plain } from '../story/paint.ts';
import { Recorder } from '../story/recorder.ts';
import { type FetchOptions, fetchOver } from './fetch.ts';
import { parseTarget, resolveTarget } from './target.ts';
import { openMemoryWay } from './way.ts';

const folder = mkdtempSync(join(tmpdir(), 'http-demo-'));
afterAll(() => rmSync(folder, { recursive: true }));

const OPTIONS: FetchOptions = { insecure: false, http1: false, timeoutSeconds: 5 };

async function fetchFromDemo(
  url: string,
  options: Partial<FetchOptions> = {},
  limits?: { first: number; latest: number },
) {
  const recorder = new Recorder(limits);
  const way = await openMemoryWay(url, recorder, undefined);
  try {
    const fetched = await fetchOver(way, recorder, { ...OPTIONS, ...options });
    recorder.finish();
    return { fetched, events: recorder.events };
  } finally {
    await way.close();
  }
}

function segmentsOf(events: readonly StoryEvent[]): SegmentEvent[] {
  return events.filter((event) => event.type === 'segment');
}

describe('a fetch over the wire in memory', () => {
  it('brings the body, which is what its digest field says, and the story of the connection to its end', async () => {
    const { fetched, events } = await fetchFromDemo('/bytes/5000');
    expect(fetched).toMatchObject({ statusLine: 'HTTP/1.1 200 OK', bodyBytes: 5000, asPromised: true });
    const segments = segmentsOf(events);
    expect(segments.slice(0, 2).map(({ flags }) => flags.join())).toEqual(['SYN', 'ACK,SYN']);
    expect(segments.find(({ from, payloadBytes }) => from === 'client' && payloadBytes > 0)?.startLine).toBe(
      'GET /bytes/5000 HTTP/1.1',
    );
    expect(segments.filter(({ flags }) => flags.includes('FIN')).map(({ from }) => from)).toHaveLength(2);
    expect(segments.every(({ arrivedMs, checksumValid }) => arrivedMs !== null && checksumValid)).toBe(true);
  });

  it.each([
    [false, 'HTTP/2 200'],
    [true, 'HTTP/1.1 200 OK'],
  ])('speaks TLS, and with http1 %j %s, where the certificate is trusted', async (http1, statusLine) => {
    const { fetched, events } = await fetchFromDemo('https://10.77.0.2/bytes/100', { http1 });
    expect(fetched).toMatchObject({ statusLine, bodyBytes: 100, asPromised: true });
    const lines = segmentsOf(events).map(({ startLine }) => startLine);
    expect(lines.filter((line) => line !== '').slice(0, 2)).toEqual(['TLS ClientHello', 'TLS ServerHello']);
  });

  it('takes a digest from the trailer where it comes behind', async () => {
    const { fetched } = await fetchFromDemo('/bytes/67108865', {}, { first: 50, latest: 20 });
    expect(fetched.trailers['content-digest']).toMatch(/^sha-256=:/);
    expect(fetched.asPromised).toBe(true);
  }, 60_000);

  it('writes the body to a file, and sends one', async () => {
    const [source, copy] = [join(folder, 'source'), join(folder, 'copy')];
    const body = Buffer.alloc(300_000, 'upload ');
    writeFileSync(source, body);
    const sha256 = createHash('sha256').update(body).digest('hex');
    await fetchFromDemo('/upload', { upload: source, output: copy });
    expect(readFileSync(copy, 'utf8')).toBe(`${sha256} 300000\n`);
    const secure = await fetchFromDemo('https://10.77.0.2/upload', { upload: source });
    expect(secure.fetched.beginning.toString()).toBe(`${sha256} 300000\n`);
  });

  it('keeps of a long story the beginning and the end, and counts what it leaves out', async () => {
    const { fetched, events } = await fetchFromDemo('/bytes/2000000', {}, { first: 40, latest: 20 });
    expect(fetched.bodyBytes).toBe(2_000_000);
    expect(events.length).toBeLessThan(40 + 2 * 20 + 20);
    const gap = events.find((event) => event.type === 'gap');
    expect(gap?.segments).toBeGreaterThan(1000);
    const told = segmentsOf(events).reduce((sum, each) => sum + (each.from === 'server' ? each.payloadBytes : 0), 0);
    // Nothing is lost between what is told and what is counted: the body, and the head of the answer and the request.
    expect((gap?.payloadBytes ?? 0) + told).toBeGreaterThan(2_000_000);
    expect((gap?.payloadBytes ?? 0) + told).toBeLessThan(2_001_000);
    expect(drawLadder(events, { columns: 120, paint: plain }).join('\n')).toMatch(
      /… [\d,]+ more segments with [\d,]+ bytes/,
    );
  });

  it('refuses a certificate that it does not trust, unless it is told to', async () => {
    const recorder = new Recorder();
    const way = { ...(await openMemoryWay('https://10.77.0.2/bytes/1', recorder, undefined)), ca: undefined };
    await expect(fetchOver(way, recorder, OPTIONS)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(await fetchOver(way, recorder, { ...OPTIONS, insecure: true })).toMatchObject({ bodyBytes: 1 });
    await way.close();
  });

  it('fails with what went wrong, and the story shows it', async () => {
    const recorder = new Recorder();
    const way = await openMemoryWay('http://10.77.0.2:81/', recorder, undefined);
    await expect(fetchOver(way, recorder, OPTIONS)).rejects.toThrow('connect ECONNREFUSED 10.77.0.2:81');
    expect(segmentsOf(recorder.events).map(({ flags }) => flags.join())).toEqual(['SYN', 'ACK,RST']);
    await way.close();
  });
});

describe('where a URL leads', () => {
  it.each([
    ['http://10.0.0.1/', '10.0.0.1', 80, false],
    ['https://10.0.0.1/a?b', '10.0.0.1', 443, true],
    ['http://[fd00::1]:8080/', 'fd00::1', 8080, false],
  ])('%s to %s, port %i', async (text, address, port, secure) => {
    expect(await resolveTarget(parseTarget(text), [4, 6])).toMatchObject({ address, port, secure });
  });

  it('a path alone to the demo, where there is one', () => {
    expect(parseTarget('/a', 'http://10.77.0.2').href).toBe('http://10.77.0.2/a');
    expect(() => parseTarget('/a')).toThrow('is not what can be fetched');
  });

  it.each(['ftp://x/', 'x', ''])('"%s" to nowhere', (text) => {
    expect(() => parseTarget(text)).toThrow('is not what can be fetched');
  });

  it('a name that nobody knows to a failure that says so', async () => {
    await expect(resolveTarget(parseTarget('http://nobody.invalid/'), [4])).rejects.toThrow(
      /^nobody\.invalid: E[A-Z_]+: /,
    );
  });

  it('nowhere else on the wire in memory', async () => {
    await expect(openMemoryWay('http://192.0.2.1/', new Recorder(), undefined)).rejects.toThrow('add --tun');
  });
});
