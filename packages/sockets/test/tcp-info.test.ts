/** TCP_INFO: Linux's numbers of a connection. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { createTcpInfo, type TcpInfo } from '@tcpstack/tcp/connection';
import { describe, expect, test } from 'vitest';
import {
  IPPROTO_TCP,
  SHUT_WR,
  SO_MAX_PACING_RATE,
  SO_RCVBUF,
  SOL_SOCKET,
  TCP_INFO,
  TCP_NODELAY,
} from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import { connected, connecting, drain, listening, said } from './calls.ts';
import { pattern } from './packets.ts';
import { World } from './world.ts';

const infoOf = (host: Host, fd: number) => host.sys.getsockopt(fd, IPPROTO_TCP, TCP_INFO) as TcpInfo;
/** MSS 1460 less timestamps. */
const MSS = 1448;

describe('without a connection', () => {
  test('a fresh socket is closed, and nothing has passed', () => {
    const host = new World().host(0);
    expect(infoOf(host, host.sys.socket())).toEqual(createTcpInfo());
    expect(infoOf(host, host.sys.socket())).toMatchObject({
      tcpi_state: 7,
      tcpi_segs_out: 0,
      tcpi_min_rtt: 2 ** 32 - 1,
    });
  });

  test('a listener tells of its accept queue, as in Linux', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server, 5);
    for (let i = 0; i < 3; i++) connecting(client, server);
    world.settle();
    expect(infoOf(server, listener)).toMatchObject({ tcpi_state: 10, tcpi_unacked: 3, tcpi_sacked: 5 });
  });

  test('it can only be read', () => {
    const { sys } = new World().host(0);
    expect(said(sys.setsockopt(sys.socket(), IPPROTO_TCP, TCP_INFO, 1))).toBe('ENOPROTOOPT');
  });
});

describe('of a connection', () => {
  test('what the handshake agreed on and measured, in microseconds', () => {
    const world = new World({ delayMs: 10, hosts: [{}, { mtuBytes: 1400 }] });
    const { client, server, c, s } = connected(world);
    expect(infoOf(client, c)).toMatchObject({
      tcpi_state: 1,
      tcpi_ca_state: 0,
      tcpi_options: 1 | 2 | 4,
      tcpi_snd_wscale: 8,
      tcpi_rcv_wscale: 8,
      tcpi_rto: 220_000,
      tcpi_rtt: 20_000,
      tcpi_rttvar: 10_000,
      tcpi_min_rtt: 20_000,
      tcpi_snd_mss: 1400 - 52,
      tcpi_advmss: 1348,
      tcpi_pmtu: 1400,
      tcpi_snd_cwnd: 10,
      tcpi_snd_ssthresh: 0x7fff_ffff,
      tcpi_reordering: 3,
      tcpi_segs_out: 2,
      tcpi_segs_in: 1,
      tcpi_data_segs_out: 0,
      tcpi_pacing_rate: Infinity,
      tcpi_max_pacing_rate: Infinity,
    });
    // Like Linux: the half-open connection does not count.
    expect(infoOf(server, s)).toMatchObject({ tcpi_advmss: 1448, tcpi_segs_out: 0, tcpi_segs_in: 2 });
  });

  test('every state by its number', () => {
    const world = new World();
    const { client, server, c, s } = connected(world);
    const stateOf = (host: Host, fd: number) => infoOf(host, fd).tcpi_state;
    const second = connecting(client, server);
    expect([stateOf(client, c), stateOf(client, second)]).toEqual([1, 2]);
    client.sys.shutdown(c, SHUT_WR);
    expect(stateOf(client, c)).toBe(4);
    world.settle();
    expect([stateOf(client, c), stateOf(server, s)]).toEqual([5, 8]);
    server.sys.shutdown(s, SHUT_WR);
    expect(stateOf(server, s)).toBe(9);
    world.settle();
    expect([stateOf(client, c), stateOf(server, s)]).toEqual([6, 7]);
  });

  test('what is in flight, in segments, and what was not sent, in bytes', () => {
    const world = new World({ delayMs: 10 });
    const { client, c } = connected(world);
    client.sys.write(c, pattern(30 * MSS));
    client.pollTransmit(world.nowMs, new PacketBatch({ capacityPackets: 64, arenaBytes: 256 * 1024 }));
    expect(infoOf(client, c)).toMatchObject({
      tcpi_unacked: 10,
      tcpi_notsent_bytes: 20 * MSS,
      tcpi_bytes_sent: 10 * MSS,
      tcpi_bytes_acked: 0,
      tcpi_data_segs_out: 10,
      tcpi_snd_cwnd: 10,
    });
  });

  test('what has passed, on both sides, and when', () => {
    const world = new World({ delayMs: 10 });
    const { client, server, c, s } = connected(world);
    client.sys.setsockopt(c, IPPROTO_TCP, TCP_NODELAY, 1);
    for (let i = 0; i < 3; i++) {
      client.sys.write(c, pattern(100));
      world.run(100);
    }
    const sent = infoOf(client, c);
    const came = infoOf(server, s);
    expect(sent).toMatchObject({
      tcpi_bytes_sent: 300,
      tcpi_bytes_acked: 300,
      tcpi_bytes_retrans: 0,
      tcpi_data_segs_out: 3,
      tcpi_data_segs_in: 0,
      tcpi_segs_out: 5,
      tcpi_segs_in: 4,
      tcpi_unacked: 0,
      tcpi_notsent_bytes: 0,
      tcpi_last_data_sent: 100,
      tcpi_last_ack_recv: 80,
      tcpi_last_data_recv: 0,
      tcpi_ato: 0,
      tcpi_rto: sent.tcpi_rtt + 200_000,
    });
    expect(came).toMatchObject({
      tcpi_bytes_received: 300,
      tcpi_data_segs_in: 3,
      tcpi_segs_in: 5,
      tcpi_segs_out: 3,
      tcpi_last_data_recv: 90,
      tcpi_ato: 40_000,
    });
    // One segment of 100 bytes a round trip, which the user limits.
    expect(sent).toMatchObject({ tcpi_delivery_rate: 5000, tcpi_delivery_rate_app_limited: 1 });
  });

  test('super-segments count as what they are split into', () => {
    const world = new World({ hosts: [{}, { superSegmentBytes: 65_535 }], delayMs: 10 });
    const { client, server, c, s } = connected(world);
    client.sys.write(c, pattern(10 * MSS));
    world.run(100);
    expect(infoOf(client, c)).toMatchObject({ tcpi_data_segs_out: 10, tcpi_segs_out: 12 });
    expect(infoOf(server, s)).toMatchObject({ tcpi_data_segs_in: 10, tcpi_segs_in: 12 });
  });

  test('a loss: recovery, what was sacked, sent again and came out of order; then what it left', () => {
    const world = new World({ delayMs: 10 });
    const { client, server, c, s } = connected(world);
    let dropped = 0;
    world.passes = ({ payloadBytes }) => payloadBytes === 0 || ++dropped !== 2;
    client.sys.write(c, pattern(10 * MSS));
    world.run(25);
    expect(infoOf(server, s)).toMatchObject({ tcpi_rcv_ooopack: 8 });
    expect(infoOf(client, c)).toMatchObject({
      tcpi_ca_state: 3,
      tcpi_unacked: 9,
      tcpi_sacked: 8,
      tcpi_lost: 0,
      tcpi_retrans: 1,
      tcpi_total_retrans: 1,
      tcpi_bytes_retrans: MSS,
      tcpi_bytes_sent: 11 * MSS,
      tcpi_bytes_acked: MSS,
    });
    world.run(100);
    expect(infoOf(client, c)).toMatchObject({
      tcpi_ca_state: 0,
      tcpi_unacked: 0,
      tcpi_sacked: 0,
      tcpi_retrans: 0,
      tcpi_total_retrans: 1,
      tcpi_total_rto: 0,
      tcpi_snd_ssthresh: 7,
      tcpi_reord_seen: 0,
    });
  });

  test('silence: time-outs, back-off, and the RTO that follows', () => {
    const world = new World({ delayMs: 10 });
    const { client, c } = connected(world);
    world.passes = () => false;
    client.sys.write(c, pattern(10));
    world.run(2000);
    const info = infoOf(client, c);
    const base = info.tcpi_rtt + Math.max(4 * info.tcpi_rttvar, 200_000);
    expect(info).toMatchObject({ tcpi_ca_state: 4, tcpi_retransmits: 3, tcpi_backoff: 3, tcpi_rto: 8 * base });
    expect(info).toMatchObject({ tcpi_total_rto: 3, tcpi_snd_cwnd: 1 });
    // The tail loss probe, and three time-outs.
    expect(info).toMatchObject({ tcpi_total_retrans: 4, tcpi_bytes_retrans: 40, tcpi_bytes_sent: 50 });
  });

  test('reordering and needless copies are told', () => {
    const world = new World({ delayMs: 10 });
    const { client, server, c, s } = connected(world);
    let held = 0;
    world.passes = (packet) => {
      if (packet.payloadBytes === 0 || ++held !== 1) return true;
      return false;
    };
    client.sys.write(c, pattern(3 * MSS));
    world.settle();
    const first = world.sentBy(1).find(({ payloadBytes }) => payloadBytes > 0);
    world.run(10);
    if (first !== undefined) world.inject(first.bytes);
    world.run(200);
    expect(infoOf(client, c)).toMatchObject({ tcpi_reord_seen: 1 });
    if (first !== undefined) world.inject(first.bytes);
    world.run(200);
    expect(infoOf(client, c)).toMatchObject({ tcpi_dsack_dups: 1 });
    expect(drain(server, s).bytes).toHaveLength(3 * MSS);
  });

  test('windows, pace and a closed window', () => {
    const world = new World({ delayMs: 10 });
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    server.sys.setsockopt(listener, SOL_SOCKET, SO_RCVBUF, 10_000);
    const c = connecting(client, server);
    world.run(100);
    client.sys.setsockopt(c, SOL_SOCKET, SO_MAX_PACING_RATE, 1_000_000);
    const s = server.sys.accept(listener);
    expect(infoOf(client, c)).toMatchObject({ tcpi_pacing_rate: 1_000_000, tcpi_max_pacing_rate: 1_000_000 });
    expect([infoOf(client, c).tcpi_snd_wnd, infoOf(server, s).tcpi_rcv_wnd]).toEqual([10_000, 10_000]);
    client.sys.write(c, pattern(20_000));
    world.run(3000);
    expect(infoOf(server, s).tcpi_rcv_wnd).toBeLessThan(MSS);
    expect(infoOf(client, c).tcpi_notsent_bytes).toBeGreaterThan(9000);
  });
});
