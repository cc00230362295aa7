/** Each checker objects to the fault that it is there for. */

import { describe, expect, test } from 'vitest';
import { AcksChecker } from '../src/checkers/acks.ts';
import { expectNothingHeld, finishTransfers } from '../src/checkers/ends.ts';
import { InvariantsChecker } from '../src/checkers/invariants.ts';
import { WireChecker } from '../src/checkers/wire.ts';
import { PacketPool } from '../src/packet.ts';
import { Transfer } from '../src/transfer.ts';
import { World } from '../src/world.ts';
import { tcpPacket } from './packets.ts';

function pair(): World {
  const world = new World({ seed: 1, hosts: [{}, {}], settings: { timeWaitMs: 100 } });
  world.join(world.host(0), world.host(1), { delayMs: 1, bottleneck: { bytesPerMs: 1000 } });
  return world;
}

function transferIn(world: World, upBytes = 100_000, downBytes = 0): Transfer {
  return new Transfer(world, { client: world.host(0), server: world.host(1), upBytes, downBytes });
}

describe('the wire checker', () => {
  const pool = new PacketPool();

  test.each([
    ['a wrong TCP checksum', 45, 'bad-checksum'],
    ['a wrong IP checksum', 8, 'bad-header-checksum'],
    ['another length', 3, 'bad-total-length'],
  ])('objects to %s', (_, at, fault) => {
    const packet = tcpPacket(pool);
    packet.bytes[at] = (packet.bytes[at] as number) ^ 0x40;
    expect(() => new WireChecker().sent(0, pair().host(0), packet)).toThrow(fault);
  });

  test('looks at every packet of a world', () => {
    const world = pair();
    const wire = new WireChecker();
    let sent = 0;
    world.observe(wire);
    world.observe({ sent: () => sent++ });
    finishTransfers(world, [transferIn(world)], 10_000);
    expect(wire.packets).toBe(sent);
    expect(sent).toBeGreaterThan(100);
  });
});

test('the invariants checker objects to a TCB that went wrong', () => {
  const world = pair();
  world.observe(new InvariantsChecker());
  transferIn(world);
  world.at(20, () => world.host(0).host.eachConnection((tcb) => (tcb.finSent = true)));
  expect(() => world.run(1000)).toThrow('FIN');
});

test('the acks checker objects to a receiver that is silent for too many bytes', () => {
  const world = pair();
  const acks = new AcksChecker();
  let heard = 0;
  // It hears the first segments alone, as if no others had been sent.
  world.observe({
    turned: (nowMs, host) => acks.turned(nowMs, host),
    sent: (nowMs, from, packet) => heard++ < 10 && acks.sent(nowMs, from, packet),
  });
  transferIn(world);
  expect(() => world.run(1000)).toThrow('owes an ACK');
});

describe('at the end', () => {
  test('a transfer that is not done in time is named with what it has', () => {
    const world = pair();
    const transfer = transferIn(world);
    expect(() => finishTransfers(world, [transfer], 50)).toThrow(/liveness: not done at 50 ms\n.*of 100000 bytes up/);
  });

  test('a byte that is not what was written is an error', () => {
    const world = pair();
    const transfer = transferIn(world, 3_000_000);
    world.at(50, () => {
      // Somebody else writes into the same stream.
      const written = world.host(0).sys.write(transfer.client?.fd ?? -1, Uint8Array.of(1, 2, 3, 4));
      expect(written).toBeGreaterThan(0);
    });
    expect(() => finishTransfers(world, [transfer], 10_000)).toThrow(/stream: byte \d+ is not what was written/);
  });

  test('memory that is still held is an error, and so is a connection that never ends', () => {
    const world = pair();
    const transfer = transferIn(world, 10, 50_000);
    world.at(5, () => world.host(0).watch(transfer.client?.fd ?? -1, null));
    expect(() => expectNothingHeld(world)).toThrow(/memory: 10.0.0.1 still holds \d+ bytes/);
  });
});

test('a packet to an address without a path is counted', () => {
  const world = pair();
  const { sys } = world.host(0);
  world.touch(() => sys.connect(sys.socket(), '10.0.0.77', 80));
  world.run(10);
  expect(world.unroutable).toBe(1);
});
