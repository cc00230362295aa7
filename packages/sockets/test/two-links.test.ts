/** A Host with two links: what waits for one of them holds up nothing that leaves by the other. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { decodePacket } from '@tcpstack/wire/decode';
import { SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { AF_INET6 } from '../src/constants.ts';
import { Host } from '../src/host.ts';
import { listening } from './calls.ts';
import { segment } from './packets.ts';
import { entropy } from './world.ts';

const NEAR = 1;
const FAR = 2;

function twoLinks(): Host {
  const interfaces = [
    { name: 'near', mtuBytes: 1500, addresses: ['10.0.0.1/24', 'fe80::1/64'] },
    { name: 'far', mtuBytes: 1500, addresses: ['10.0.1.1/24', 'fe80::2/64'] },
  ];
  return new Host({ interfaces, entropy: entropy(1), settings: { synCookies: 2 } });
}

function arrive(host: Host, packet: Uint8Array, interfaceIndex: number): void {
  const batch = new PacketBatch();
  batch.arena.set(packet, batch.reserve(packet.length));
  batch.commit(packet.length, 0, 0);
  host.handlePackets(0, batch, interfaceIndex);
}

/** What leaves by the link. */
function sent(host: Host, interfaceIndex: number): Uint8Array[] {
  const batch = new PacketBatch();
  expect(host.pollTransmit(0, batch, interfaceIndex)).toBe(false);
  return Array.from({ length: batch.count }, (_, i) =>
    batch.arena.slice(batch.offsetAt(i), batch.offsetAt(i) + batch.lengthAt(i)),
  );
}

const flagsOf = (packets: readonly Uint8Array[]): (string | undefined)[] =>
  packets.map((packet) => decodePacket(packet).tcp?.flags.join());

describe('SYN-ACKs of cookies', () => {
  test('wait for their own link only', () => {
    const host = twoLinks();
    listening(host);
    arrive(host, segment({ flags: SYN, from: '10.0.1.99', to: '10.0.1.1' }), FAR);
    arrive(host, segment({ flags: SYN, from: '10.0.0.99', to: '10.0.0.1' }), NEAR);
    expect(flagsOf(sent(host, NEAR))).toEqual(['ACK,SYN']);
    expect(host.held()).toMatchObject({ waitingSynAcks: 1 });
    expect(host.wantsTransmit()).toBe(true);
    expect(flagsOf(sent(host, FAR))).toEqual(['ACK,SYN']);
    expect(host.held()).toMatchObject({ waitingSynAcks: 0 });
    expect(host.wantsTransmit()).toBe(false);
  });

  test('for link-local addresses leave by the link that the SYN came from (RFC 4007 §9)', () => {
    const host = twoLinks();
    const { sys } = host;
    const listener = sys.socket(AF_INET6);
    expect(sys.bind(listener, '::', 80)).toBe(0);
    expect(sys.listen(listener, 5)).toBe(0);
    const one = { name: 'eth0', mtuBytes: 1500, addresses: ['fe80::99/64'] };
    const peer = new Host({ interfaces: [one], entropy: entropy(2) });
    peer.sys.connect(peer.sys.socket(AF_INET6), { address: 'fe80::2', port: 80, scopeId: 1 });
    const [syn] = sent(peer, 1);
    arrive(host, syn as Uint8Array, FAR);
    expect(flagsOf(sent(host, NEAR))).toEqual([]);
    expect(flagsOf(sent(host, FAR))).toEqual(['ACK,SYN']);
  });
});
