/** The door of an Ethernet interface: which frames come in, and how packets leave in a batch. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, MAC_BROADCAST, writeEthernet } from '@tcpstack/wire/ethernet';
import { describe, expect, test } from 'vitest';
import { arp } from '../test/frames.ts';
import { Hub, type Station } from '../test/hub.ts';

const A = 0x0200_0000_000a;
const B = 0x0200_0000_000b;

/** The packet in a frame from B. */
function framed(packet: Uint8Array, toMac: number, type = ETHERTYPE_IPV4, fromMac = B): Uint8Array {
  const bytes = new Uint8Array(14 + packet.length);
  bytes.set(packet, writeEthernet(bytes, 0, toMac, fromMac, type));
  return bytes;
}

function lone(): { hub: Hub; a: Station } {
  const hub = new Hub(1000);
  const a = hub.quiet(A, '10.0.0.1/24', 'fd00::a/64');
  hub.run(5000).take();
  return { hub, a };
}

describe('a frame', () => {
  test('to us, or to a group, gives its packet; others, and damaged ones, are counted', () => {
    const { hub, a } = lone();
    const one = a.packet('10.0.0.1', '10.0.0.2');
    hub.inject(framed(one, A));
    expect(a.received).toEqual([one]);
    hub.inject(framed(one, 0x0200_0000_00ff));
    hub.inject(framed(one, A, ETHERTYPE_IPV4, 0x0300_0000_000b));
    hub.inject(framed(one, A, 0x05ff));
    hub.inject(framed(one, A, 0x88cc));
    hub.inject(new Uint8Array(13));
    expect(a.received).toHaveLength(1);
    expect(a.port.counters).toMatchObject({
      framesReceived: 6,
      foreignFrames: 2,
      notEthernetII: 1,
      unknownEtherTypes: 1,
      shortFrames: 1,
    });
  });

  test('to all with a packet to one is dropped, one with a packet to all is not (RFC 1122 §3.3.6)', () => {
    const { hub, a } = lone();
    hub.inject(framed(a.packet('10.0.0.1', '10.0.0.2'), MAC_BROADCAST));
    hub.inject(framed(a.packet('fd00::a', 'fd00::b'), 0x3333_0000_0001, ETHERTYPE_IPV6));
    expect(a.received).toEqual([]);
    expect(a.port.counters.unicastInBroadcast).toBe(2);
    for (const to of ['10.0.0.255', '255.255.255.255', '224.0.0.1']) {
      hub.inject(framed(a.packet(to, '10.0.0.2'), MAC_BROADCAST));
    }
    hub.inject(framed(a.packet('ff02::1', 'fd00::b'), 0x3333_0000_0001, ETHERTYPE_IPV6));
    expect(a.received).toHaveLength(4);
  });

  test('of any bytes throws nothing', () => {
    const { hub, a } = lone();
    let state = 1;
    for (let i = 0; i < 20_000; i++) {
      const bytes = new Uint8Array(i % 150);
      for (let j = 0; j < bytes.length; j++) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
        bytes[j] =
          (state >>> 16) & 3
            ? (state >>> 20) & 0xff
            : ([0x33, 0x86, 0xdd, 58, 135, 136, 134, 8, 6, 0xff][j % 10] as number);
      }
      if (bytes.length >= 14) writeEthernet(bytes, 0, A, B, [0x0800, 0x0806, 0x86dd][i % 3] as number);
      if (i % 3 === 2 && bytes.length > 60) bytes.set([0x60, 0, 0, 0, 0, bytes.length - 54, 58, 255], 14);
      a.port.arrive(hub.nowMs, bytes, 0, bytes.length);
      if (i % 100 === 0) hub.settle();
    }
    expect(a.port.counters.framesReceived).toBe(20_000);
  });
});

describe('a batch of packets', () => {
  test('keeps the frames in their order, without those that wait, and what waited comes later', () => {
    const { hub, a } = lone();
    a.send(a.packet('10.0.0.2'));
    hub.inject(arp('reply', B, '10.0.0.2', A, '10.0.0.1'));
    const batch = new PacketBatch({ capacityPackets: 8, arenaBytes: 4096, headroomBytes: 16 });
    for (const to of ['10.0.0.2', '10.0.0.3', '10.0.0.2', '192.0.2.1', '224.0.0.9']) {
      const packet = a.packet(to, '10.0.0.1');
      batch.arena.set(packet, batch.reserve(packet.length));
      batch.commit(packet.length, 1, 7);
    }
    a.port.frame(hub.nowMs, batch, 0);
    const last = (i: number) => batch.arena[batch.offsetAt(i) + 14 + 19];
    expect([batch.count, last(0), last(1), last(2)]).toEqual([3, 2, 2, 9]);
    expect([batch.lengthAt(0), batch.flagsAt(0), batch.segmentBytesAt(0)]).toEqual([42, 1, 7]);
    hub.settle();
    hub.inject(arp('reply', B, '10.0.0.3', A, '10.0.0.1'));
    expect(hub.take().at(-1)?.bytes.at(33)).toBe(3);
  });

  test('that is full takes the rest the next time', () => {
    const { hub, a } = lone();
    for (let i = 0; i < 5; i++) a.send(a.packet('10.0.0.2'));
    a.port.arrive(hub.nowMs, arp('reply', B, '10.0.0.2', A, '10.0.0.1'), 0, 60);
    const batch = new PacketBatch({ capacityPackets: 3, arenaBytes: 4096 });
    expect(a.port.pollTransmit(batch)).toBe(false);
    expect([batch.count, a.port.pending]).toEqual([3, true]);
    batch.clear();
    expect(a.port.pollTransmit(batch)).toBe(true);
    expect([batch.count, a.port.pending]).toEqual([2, false]);
  });
});
