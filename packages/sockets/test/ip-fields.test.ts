/** What the user may say and learn of the IP header: Diffserv field and time to live (RFC 9293 §3.9.1.9, §3.9.2). */

import { SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { IP_PKTOPTIONS, IP_TOS, IP_TTL, IPPROTO_IP, SO_LINGER, SOL_SOCKET } from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import { connected, connecting, drain, listening, said } from './calls.ts';
import { pattern, segment } from './packets.ts';
import { type Logged, World } from './world.ts';

const tosOf = ({ bytes }: Logged) => bytes[1];
const ttlOf = ({ bytes }: Logged) => bytes[8];
const set = (host: Host, fd: number, name: number, value: number) =>
  said(host.sys.setsockopt(fd, IPPROTO_IP, name, value));
const get = (host: Host, fd: number, name: number) => said(host.sys.getsockopt(fd, IPPROTO_IP, name));
const unique = (values: unknown[]) => [...new Set(values)];

describe('the Diffserv field (RFC 9293 §3.9.1.9)', () => {
  test('what the user asks for is in every segment, from the SYN to the reset, unchanged [MUST-48] [SHLD-22]', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    listening(server);
    const c = client.sys.socket();
    expect(set(client, c, IP_TOS, 0xb8)).toBe(0);
    expect(get(client, c, IP_TOS)).toBe(0xb8);
    client.sys.connect(c, server.address, 80);
    world.settle();
    client.sys.write(c, pattern(5000));
    world.settle();
    client.sys.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    client.sys.close(c);
    world.settle();
    const kinds = world.sentBy(1).map(({ kind }) => kind);
    expect(kinds[0]).toBe('SYN');
    expect(kinds.at(-1)).toBe('ACK,RST');
    expect(unique(world.sentBy(1).map(tosOf))).toEqual([0xb8]);
    // "specified independently in each direction on the connection"
    expect(unique(world.sentBy(0).map(tosOf))).toEqual([0]);
  });

  test('it can be changed while the connection lives [SHLD-21], and changes for no other reason [SHLD-23]', () => {
    const world = new World();
    const { client, server, c, s } = connected(world);
    const sendAndSee = () => {
      world.log.length = 0;
      client.sys.write(c, pattern(5000));
      world.settle();
      drain(server, s);
      return unique(world.sentBy(1).map(tosOf));
    };
    expect(sendAndSee()).toEqual([0]);
    set(client, c, IP_TOS, 0x20);
    expect(sendAndSee()).toEqual([0x20]);
    expect(sendAndSee()).toEqual([0x20]);
    set(client, c, IP_TOS, 0);
    expect(sendAndSee()).toEqual([0]);
  });

  test('a listener gives it to what it accepts, the SYN-ACK included, as in Linux', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    set(server, listener, IP_TOS, 0x48);
    set(server, listener, IP_TTL, 9);
    connecting(client, server);
    world.settle();
    const s = server.sys.accept(listener);
    expect([get(server, s, IP_TOS), get(server, s, IP_TTL)]).toEqual([0x48, 9]);
    expect(unique(world.sentBy(0).map((sent) => [tosOf(sent), ttlOf(sent)].join()))).toEqual(['72,9']);
  });

  test('the ECN bits are not for the user, and only one byte counts, as in Linux (RFC 3168 §5)', () => {
    const host = new World().host(0);
    const fd = host.sys.socket();
    expect(set(host, fd, IP_TOS, 0xff)).toBe(0);
    expect(get(host, fd, IP_TOS)).toBe(0xfc);
    expect(set(host, fd, IP_TOS, 0x1_02)).toBe(0);
    expect(get(host, fd, IP_TOS)).toBe(0);
  });

  test('the field that came with the last segment can be asked for [MAY-9]', () => {
    const world = new World();
    const { client, server, c, s } = connected(world);
    expect(get(server, s, IP_PKTOPTIONS)).toBe(0);
    set(client, c, IP_TOS, 0x68);
    client.sys.write(c, pattern(1));
    world.settle();
    expect(get(server, s, IP_PKTOPTIONS)).toBe(0x68);
    expect(set(server, s, IP_PKTOPTIONS, 1)).toBe('ENOPROTOOPT');
    expect(get(server, server.sys.socket(), IP_PKTOPTIONS)).toBe(0);
  });

  test('a half-open connection knows the field of its SYN [MAY-9]', () => {
    const world = new World();
    const server = world.host(0);
    const listener = listening(server);
    world.inject(segment({ flags: SYN, tosByte: 0x10 })).settle();
    world.inject(segment({ flags: 0x10, seq: 1001, ack: ((world.last().tcp?.seq ?? 0) + 1) >>> 0, tosByte: 0x12 }));
    expect(get(server, server.sys.accept(listener), IP_PKTOPTIONS)).toBe(0x12);
  });
});

describe('the time to live (RFC 9293 §3.9.2 [MUST-49])', () => {
  test('it is 64 by default, and what the user says in every segment, the reset included', () => {
    const world = new World();
    const { client, c } = connected(world);
    client.sys.write(c, pattern(10));
    world.settle();
    expect(unique(world.sentBy(1).map(ttlOf))).toEqual([64]);
    world.log.length = 0;
    expect(set(client, c, IP_TTL, 3)).toBe(0);
    client.sys.write(c, pattern(10));
    world.settle();
    client.sys.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    client.sys.close(c);
    world.settle();
    expect(world.last().kind).toBe('ACK,RST');
    expect(unique(world.sentBy(1).map(ttlOf))).toEqual([3]);
  });

  test('it is 1 to 255, and -1 takes it back; a reset for a stranger has the default', () => {
    const world = new World();
    const host = world.host(0);
    const fd = host.sys.socket();
    expect([0, 256, -2].map((value) => set(host, fd, IP_TTL, value))).toEqual(['EINVAL', 'EINVAL', 'EINVAL']);
    expect(get(host, fd, IP_TTL)).toBe(64);
    expect([1, 255].map((value) => [set(host, fd, IP_TTL, value), get(host, fd, IP_TTL)])).toEqual([
      [0, 1],
      [0, 255],
    ]);
    expect([set(host, fd, IP_TTL, -1), get(host, fd, IP_TTL)]).toEqual([0, 64]);
    world.inject(segment({ flags: SYN })).settle();
    expect(world.last().kind).toBe('ACK,RST');
    expect([tosOf(world.last()), ttlOf(world.last())]).toEqual([0, 64]);
  });
});
