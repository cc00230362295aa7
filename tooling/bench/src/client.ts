/** The kernel's client: `client.js ADDRESS`; a question a line on standard input, an answer a line on standard output. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type Answer, CHUNK_BYTES, PORTS, type Question } from './plan.ts';

const host = process.argv[2] as string;
const WARM_UP_MS = 300;
const idle: Socket[] = [];

/** Writes for a time; the sink's count is what arrived. */
async function send(seconds: number): Promise<Answer> {
  const socket = connect({ host, port: PORTS.sink, allowHalfOpen: true });
  await once(socket, 'connect');
  const chunk = Buffer.alloc(CHUNK_BYTES, 0xa5);
  const start = performance.now();
  const until = start + seconds * 1000;
  while (performance.now() < until) if (!socket.write(chunk)) await once(socket, 'drain');
  let said = '';
  socket.on('data', (data) => {
    said += data.toString();
  });
  socket.end();
  await once(socket, 'end');
  const elapsedMs = performance.now() - start;
  return rateOnly((Number(said) * 8) / 1e6 / elapsedMs);
}

/** Reads for a time, after a moment of warming up. */
async function receive(seconds: number): Promise<Answer> {
  let bytes = 0;
  const buffer = Buffer.alloc(CHUNK_BYTES);
  const socket = connect({
    host,
    port: PORTS.source,
    onread: {
      buffer,
      callback: (n) => {
        bytes += n;
        return true;
      },
    },
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  await delay(WARM_UP_MS);
  bytes = 0;
  const start = performance.now();
  await delay(seconds * 1000);
  const rate = (bytes * 8) / 1e6 / (performance.now() - start);
  socket.resetAndDestroy();
  await once(socket, 'close');
  return rateOnly(rate);
}

async function echo(rounds: number): Promise<Answer> {
  const socket = connect({ host, port: PORTS.echo, noDelay: true });
  await once(socket, 'connect');
  const byte = Buffer.from([1]);
  const us = new Float64Array(rounds);
  let round = 0;
  let sentAt = performance.now();
  const start = sentAt;
  await new Promise<void>((resolve) => {
    socket.on('data', () => {
      const now = performance.now();
      us[round++] = (now - sentAt) * 1000;
      if (round === rounds) return resolve();
      sentAt = now;
      socket.write(byte);
    });
    socket.write(byte);
  });
  const elapsedMs = performance.now() - start;
  socket.end();
  await once(socket, 'close');
  us.sort();
  return {
    rate: (rounds * 1000) / elapsedMs,
    p50Us: us[Math.floor(rounds * 0.5)] as number,
    p99Us: us[Math.floor(rounds * 0.99)] as number,
  };
}

/** Connect, one byte each way, close; the server closes first. */
async function connections(total: number, atOnce: number): Promise<Answer> {
  let left = total;
  const start = performance.now();
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const socket = connect({ host, port: PORTS.oneByte });
      socket.write('x');
      socket.resume();
      await once(socket, 'close');
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return rateOnly((total * 1000) / (performance.now() - start));
}

async function openIdle(count: number): Promise<Answer> {
  for (let i = 0; i < count; i++) {
    const socket = connect({ host, port: PORTS.idle });
    socket.on('error', () => {});
    await once(socket, 'connect');
    idle.push(socket);
  }
  return rateOnly(count);
}

function closeIdle(): Answer {
  for (const socket of idle) socket.destroy();
  idle.length = 0;
  return rateOnly(0);
}

/** wrk asks; it is written in C, so the server is what is measured. */
async function http(seconds: number, connections: number): Promise<Answer> {
  const args = ['-t', '1', '-c', `${connections}`, '-d', `${Math.ceil(seconds)}s`, `http://${host}:${PORTS.http}/`];
  const wrk = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  wrk.stdout.on('data', (data) => {
    said += data.toString();
  });
  const [code] = await once(wrk, 'close');
  const rate = /^Requests\/sec:\s+([\d.]+)$/m.exec(said)?.[1];
  if (code !== 0 || rate === undefined || /Socket errors|Non-2xx/.test(said)) throw new Error(`wrk: ${said}`);
  return rateOnly(Number(rate));
}

function rateOnly(rate: number): Answer {
  return { rate, p50Us: 0, p99Us: 0 };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function answer(question: Question): Promise<Answer> {
  switch (question.kind) {
    case 'send':
      return send(question.seconds);
    case 'receive':
      return receive(question.seconds);
    case 'echo':
      return echo(question.rounds);
    case 'connect':
      return connections(question.connections, question.atOnce);
    case 'http':
      return http(question.seconds, question.connections);
    case 'open-idle':
      return openIdle(question.connections);
    case 'close-idle':
      return closeIdle();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(`answer ${JSON.stringify(await answer(JSON.parse(line) as Question))}`);
}
