/** Broadcasts and multicasts with the kernel over TAP, both ways, and our reports of groups as tshark reads them (RFC 3376, RFC 3810). */

import { Namespace } from '@tcpstack/netns/namespace';
import type { NodeProcess } from '@tcpstack/netns/node-process';
import { expect, test } from 'vitest';
import { judgeEthernet } from '../src/ethernet-judge.ts';
import { Scratch } from '../src/scratch.ts';
import { kernelSuite } from '../src/suite.ts';

const SCRIPT = new URL('../src/many-side.ts', import.meta.url);
const MAC = '02:00:5e:10:00:01';
const [GROUP, GROUP6] = ['239.1.2.3', 'ff15::1:2'];
/** To whom, and which addresses the datagrams come from. */
const MANY = [
  { to: GROUP, port: 5001, ours: '10.77.0.2', kernels: '10.77.0.1' },
  { to: GROUP6, port: 5002, ours: 'fd00:77::2', kernels: 'fd00:77::1' },
  { to: '10.77.0.255', port: 5003, ours: '10.77.0.2', kernels: '10.77.0.1' },
  { to: '255.255.255.255', port: 5004, ours: '10.77.0.2', kernels: '10.77.0.1' },
] as const;
/** What a report says: its kind, of IGMP and of MLD, and its groups, with the kind of each record. */
const REPORT_FIELDS = [
  ...['ip.dst', 'igmp.type', 'igmp.record_type', 'igmp.maddr', 'igmp.checksum.status'],
  ...['ipv6.dst', 'icmpv6.mldr.mar.record_type', 'icmpv6.mldr.mar.multicast_address', 'icmpv6.checksum.status'],
];
const [TO_EXCLUDE, TO_INCLUDE] = [4, 3];
const GOOD_SUM = 1;

kernelSuite('broadcasts and groups with the kernel over TAP', ['ping', 'tshark'], () => {
  test('both hear what the other says to a group that they joined, of either family, and to everybody; reports are valid', async () => {
    using scratch = new Scratch();
    const capture = scratch.path('groups.pcapng');
    const namespace = new Namespace();
    try {
      namespace.run('sh', '-c', 'echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad');
      const us = namespace.node(SCRIPT, ['ours', MAC, capture]);
      const them = namespace.node(SCRIPT, ['kernel']);
      await Promise.all([us.line('ready'), them.line('ready')]);
      // A device that has just come up loses what is sent at once.
      namespace.run('ping', '-c', '1', '-W', '5', '10.77.0.2');
      for (const { to, port } of MANY) {
        expect(await Promise.all([us, them].map((side) => ask(side, `hear ${to} ${port}`)))).toEqual(['done', 'done']);
      }
      for (const { to, port, ours, kernels } of MANY) {
        expect(await ask(them, `say ${to} ${port} hello`)).toBe('done');
        expect(await ask(us, `say ${to} ${port} hallo`)).toBe('done');
        // Who speaks hears it as well (RFC 1112 §7.2, and what Linux does with broadcasts).
        for (const side of [us, them]) {
          const heard = () => side.said.match(new RegExp(`(?<=^heard ${to} ).*`, 'gm'))?.sort();
          await expect.poll(heard, { timeout: 5000 }).toEqual([`hallo from ${ours}`, `hello from ${kernels}`]);
        }
      }
      for (const to of [GROUP, GROUP6]) await ask(us, `leave ${to}`);
      await expect.poll(async () => (await ask(us, 'counters')).igmpSent, { timeout: 5000 }).toBeGreaterThan(2);
      await ask(us, 'close');
    } finally {
      namespace.remove();
    }
    const { faults, ours } = judgeEthernet(capture, MAC, REPORT_FIELDS);
    expect(faults).toEqual([]);
    for (const kind of [TO_EXCLUDE, TO_INCLUDE]) {
      expect(ours).toContain(`224.0.0.22 0x22 ${kind} ${GROUP} ${GOOD_SUM}`);
      expect(ours).toContain(`ff02::16 ${kind} ${GROUP6} ${GOOD_SUM}`);
    }
  });
});

// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the command gives.
async function ask(side: NodeProcess, command: string): Promise<any> {
  side.say(command);
  return JSON.parse(await side.line(command.split(' ')[0] as string));
}
