/** The kernel's side of the measurements: a flood of UDP datagrams, or a ping-pong, by blocking system calls. */

import { createSocket } from 'node:dgram';
import koffi from 'koffi';

const libc = koffi.load(null);
const socket = libc.func('int socket(int domain, int type, int protocol)');
const connect = libc.func('int connect(int fd, void *address, int length)');
const setsockopt = libc.func('int setsockopt(int fd, int level, int name, void *value, int length)');
const send = libc.func('int send(int fd, void *bytes, size_t length, int flags)');
const recv = libc.func('int recv(int fd, void *bytes, size_t length, int flags)');

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;
/** The kernel's bound on segments in one send. */
const SEGMENTS = 64;

const [mode, sizeText, countText] = process.argv.slice(2);
const fd = open('10.77.0.2', 7);
if (mode === 'flood') flood(Number(sizeText), Number(countText));
else if (mode === 'ping') pingPong(Number(countText));
else await nodePingPong(Number(countText));

function open(address: string, port: number): number {
  const sockaddr = Buffer.alloc(16);
  sockaddr.writeUInt16LE(AF_INET, 0);
  sockaddr.writeUInt16BE(port, 2);
  Buffer.from(address.split('.').map(Number)).copy(sockaddr, 4);
  const result: number = socket(AF_INET, SOCK_DGRAM, 0);
  if (connect(result, sockaddr, sockaddr.length) !== 0) throw new Error(`connect: errno ${koffi.errno()}`);
  return result;
}

/** One send makes up to 64 datagrams, so that the sender is not the bottleneck. */
function flood(ipBytes: number, forMs: number): void {
  const payload = ipBytes - 28;
  const segments = Math.max(1, Math.min(SEGMENTS, Math.floor(65507 / payload)));
  const option = Buffer.alloc(4);
  option.writeInt32LE(payload);
  if (segments > 1) setsockopt(fd, SOL_UDP, UDP_SEGMENT, option, 4);
  const bytes = Buffer.alloc(payload * segments);
  const end = performance.now() + forMs;
  while (performance.now() < end) for (let i = 0; i < 64; i++) send(fd, bytes, bytes.length, 0);
}

/** Prints the round trips in microseconds. */
function pingPong(count: number): void {
  const out = Buffer.from('x');
  const back = Buffer.alloc(64);
  const times = new Float64Array(count);
  const timeout = Buffer.alloc(16);
  timeout.writeBigInt64LE(6n);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.length);
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    send(fd, out, 1, 0);
    if (recv(fd, back, 64, 0) < 0) throw new Error(`no answer within a second to datagram ${i}`);
    times[i] = (performance.now() - start) * 1000;
  }
  report(times);
}

/** The same by Node's own socket: an event-driven peer, which sleeps between its packets. */
async function nodePingPong(count: number): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.connect(7, '10.77.0.2', resolve));
  const times = new Float64Array(count);
  let done = 0;
  let start = performance.now();
  await new Promise<void>((resolve) => {
    socket.on('message', () => {
      times[done++] = (performance.now() - start) * 1000;
      start = performance.now();
      if (done < count) socket.send('x');
      else resolve();
    });
    socket.send('x');
  });
  socket.close();
  report(times);
}

function report(times: Float64Array): void {
  times.sort();
  const at = (share: number) => (times[Math.floor(times.length * share)] as number).toFixed(1);
  console.log(`times ${at(0.5)} ${at(0.99)}`);
}
