/** Proof, "the wire judge: tshark reads our captures with checksum validation on"; and ping. */

import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { OUR_ADDRESS } from '../src/link-choice.ts';
import { loseOnTheWay } from '../src/loss.ts';
import { Scratch } from '../src/scratch.ts';
import { kernelSuite, OFFLOADS, ROLES } from '../src/suite.ts';
import { talk, transfer } from '../src/transfer.ts';
import { judge } from '../src/wire-judge.ts';
import { World } from '../src/world.ts';

kernelSuite('the wire', ['tshark', 'ping', 'nft', 'python3'], () => {
  describe.each(OFFLOADS)('$mode', ({ offload }) => {
    test('tshark finds no malformed packet and no bad checksum in pings, transfers, a refusal and a reset', async () => {
      using scratch = new Scratch();
      const capture = scratch.path('all.pcapng');
      using world = await World.make({ offload, capture });
      world.namespace.run('ping', '-c', '2', '-i', '0.2', OUR_ADDRESS);
      for (const { client } of ROLES) {
        const roles = world.roles(client);
        await transfer(roles, { fromClient: talk(3_000_000, 1), fromServer: talk(3_000_000, 2) });
        await roles.client.call('refused', { host: roles.server.address, port: 9 });
        const { port } = await roles.server.call('listen', { services: ['stuck'] });
        await roles.client.call('stick', { host: roles.server.address, port });
        await roles.client.call('reset', {});
      }
      await world.end();
      const judgement = judge(capture);
      expect(judgement.faults).toEqual([]);
      expect(judgement.goodFrames).toBe(judgement.frames);
      expect(judgement.frames).toBeGreaterThan(offload ? 200 : 4000);
      // The MTU less the headers of IP and TCP without options, and more only where the kernel splits and merges.
      if (offload) expect(judgement.payloadMaxBytes).toBeGreaterThan(1460);
      else expect(judgement.payloadMaxBytes).toBeLessThanOrEqual(1460);
    });

    test('nor in a transfer that lost 5 % of its packets in each direction', async () => {
      using scratch = new Scratch();
      const capture = scratch.path('lossy.pcapng');
      using world = await World.make({ offload, capture, hurried: true }, { stallMs: 60_000, distant: true });
      loseOnTheWay(world.namespace, 0.05);
      const bytes = 8_000_000; // to be sure of losses: the kernel's packets have up to 64 KB on the way
      await transfer(world.roles('kernel'), { fromClient: talk(bytes, 1), fromServer: talk(bytes, 2) });
      const { counters } = await world.ours.call('state', {});
      const { retransmittedSegments = 0, outOfOrderSegments = 0 } = counters;
      expect(retransmittedSegments + outOfOrderSegments, JSON.stringify(counters)).toBeGreaterThan(0);
      await world.end();
      const judgement = judge(capture);
      expect(judgement.faults).toEqual([]);
      expect(judgement.frames).toBeGreaterThan(50);
    });

    test.each([0, 56, 1472, 20_000, 65_507])('ping with %i bytes is answered, RFC 1122 §3.2.2.6', async (bytes) => {
      using world = await World.make({ offload });
      const said = world.namespace.run('ping', '-c', '5', '-i', '0.05', '-W', '2', '-s', String(bytes), OUR_ADDRESS);
      expect(said).toContain('5 packets transmitted, 5 received, 0% packet loss');
    });

    test('the kernel hears that nobody has a UDP port, RFC 1122 §4.1.3.1', async () => {
      using world = await World.make({ offload });
      const script = [
        'import socket, sys',
        's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
        's.settimeout(5)',
        `s.connect(("${OUR_ADDRESS}", 9))`,
        's.send(b"hello")',
        'try: s.recv(10)',
        'except ConnectionRefusedError: print("refused")',
      ].join('\n');
      expect(world.namespace.run('python3', '-c', script).trim()).toBe('refused');
    });
  });

  test('the judge sees a byte that was changed on its way, so it can find the others faultless', async () => {
    using scratch = new Scratch();
    const capture = scratch.path('changed.pcapng');
    using world = await World.make({ offload: true, capture });
    await transfer(world.roles('kernel'), { fromClient: talk(100_000, 1), fromServer: talk(0, 2) });
    await world.end();
    expect(judge(capture).faults).toEqual([]);
    const bytes = readFileSync(capture);
    const middle = bytes.length >> 1; // of the payload of a super-segment
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    writeFileSync(capture, bytes);
    expect(judge(capture).faults).toHaveLength(2);
  });
});
