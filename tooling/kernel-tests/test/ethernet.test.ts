/** Proof, "IPv6 and TAP against the kernel in a namespace: ping, 100 MB each way; NS and SLAAC seen by tshark as valid". */

import { Namespace } from '@tcpstack/netns/namespace';
import type { NodeProcess } from '@tcpstack/netns/node-process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeviceChoice } from '../src/digest-side.ts';
import { judgeEthernet } from '../src/ethernet-judge.ts';
import { digestOf } from '../src/pseudo-random.ts';
import { Scratch } from '../src/scratch.ts';
import { kernelSuite, OFFLOADS } from '../src/suite.ts';

const SCRIPT = new URL('../src/digest-side.ts', import.meta.url);
const HTTP_SCRIPT = new URL('../src/http-over-device.ts', import.meta.url);
const ADVERTISER = new URL('../src/router-advertiser.py', import.meta.url).pathname;
const MAC = '02:00:5e:10:00:01';
/** What the kernel's own addresses have in common with ours: the link. */
const CHOICE: DeviceChoice = {
  offload: true,
  macAddress: MAC,
  hostAddress: ['10.77.0.1/24', 'fd00:77::1/64'],
  addresses: ['10.77.0.2/24', 'fd00:77::2/64'],
};
const LINK_LOCAL = 'fe80::5eff:fe10:1';
const FAMILIES = [
  { family: 'IPv4', ours: '10.77.0.2', kernel: '10.77.0.1' },
  { family: 'IPv6', ours: 'fd00:77::2', kernel: 'fd00:77::1' },
] as const;
const BULK_BYTES = 100_000_000;
const TRANSFER_MS = 60_000;

kernelSuite('Ethernet with the kernel over TAP', ['ping', 'tshark', 'python3', 'curl'], () => {
  let namespace: Namespace;

  beforeEach(() => {
    namespace = new Namespace();
    // The kernel's own addresses are good at once: what is tested is how ours are found.
    namespace.run('sh', '-c', 'echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad');
  });
  afterEach(() => namespace.remove());

  /** Our side, with all its addresses checked. */
  async function start(choice: Partial<DeviceChoice> = {}): Promise<NodeProcess> {
    const side = namespace.node(SCRIPT, ['ours', JSON.stringify({ ...CHOICE, ...choice })]);
    await side.line('ready');
    return side;
  }

  async function ask(side: NodeProcess, command: string, ms?: number): Promise<string> {
    side.say(command);
    return side.line(command.split(' ')[0] as string, ms);
  }

  const ping = (to: string, ...more: string[]) =>
    namespace.run('ping', '-c', '3', '-i', '0.05', '-W', '2', ...more, to);

  describe.each(OFFLOADS)('$mode', ({ offload }) => {
    test.each(FAMILIES)('100 MB each way over $family arrive as they left', async ({ ours, kernel }) => {
      const us = await start({ offload });
      const them = namespace.node(SCRIPT, ['kernel']);
      await Promise.all([ask(us, `serve ${ours} 80`), ask(them, `serve ${kernel} 80`)]);
      expect(await ask(them, `send ${ours} 80 ${BULK_BYTES} 1`, TRANSFER_MS)).toBe(digestOf(BULK_BYTES, 1));
      expect(await ask(us, `send ${kernel} 80 ${BULK_BYTES} 2`, TRANSFER_MS)).toBe(digestOf(BULK_BYTES, 2));
      const counters = JSON.parse(await ask(us, 'counters'));
      expect(counters).toMatchObject({ badChecksums: 0, badSegments: 0, badHeaders: 0, arpBad: 0, ndpBad: 0 });
    });

    test.each([
      { to: '10.77.0.2', size: '1472' },
      { to: 'fd00:77::2', size: '1452' },
      { to: `${LINK_LOCAL}%tcp0`, size: '56' },
    ])('the kernel finds $to and gets its pings answered', async ({ to, size }) => {
      const us = await start({ offload });
      await ask(us, 'serve fd00:77::2 80');
      // Found once our address has been checked.
      const tryPing = () => namespace.run('sh', '-c', `ping -c 1 -W 1 ${to} || true`);
      await expect.poll(tryPing, { timeout: 10_000 }).toContain(' 0% packet loss');
      expect(ping(to, '-s', size)).toContain(' 0% packet loss');
      expect(namespace.run('ip', 'neigh', 'show', 'dev', 'tcp0')).toContain(`lladdr ${MAC} REACHABLE`);
    });
  });

  test('tshark finds every frame valid: ARP, solicitations, advertisements, reports, streams', async () => {
    using scratch = new Scratch();
    const capture = scratch.path('ethernet.pcapng');
    const us = await start({ capture });
    const them = namespace.node(SCRIPT, ['kernel']);
    for (const { ours, kernel } of FAMILIES) {
      await Promise.all([ask(us, `serve ${ours} 80`), ask(them, `serve ${kernel} 80`)]);
      ping(ours);
      await ask(them, `send ${ours} 80 1000000 1`);
      await ask(us, `send ${kernel} 80 1000000 2`);
    }
    const solicited = async () => JSON.parse(await ask(us, 'counters')).routerSolicitationsSent;
    await expect.poll(solicited, { timeout: 10_000 }).toBeGreaterThan(0);
    await ask(us, 'close');
    const { frames, faults, ours } = judgeEthernet(capture, MAC);
    expect(faults).toEqual([]);
    expect(frames).toBeGreaterThan(50);
    const [announcement, reply] = ['1 10.77.0.2 10.77.0.2', '2 10.77.0.2 10.77.0.1'];
    const [solicitation, advertisement, routerSolicitation, report] = ['135', '136', '133', '143'];
    expect(ours).toEqual(
      expect.arrayContaining([
        announcement,
        reply,
        `${solicitation} fd00:77::2`,
        `${solicitation} ${LINK_LOCAL}`,
        `${advertisement} fd00:77::2 ${MAC}`,
        `${routerSolicitation} ${MAC}`,
        report,
      ]),
    );
  });

  test.each([
    { url: 'http://10.77.0.2/a', from: '::ffff:10.77.0.1' },
    { url: 'http://[fd00:77::2]/a', from: 'fd00:77::1' },
    { url: `http://[${LINK_LOCAL}%25tcp0]/a`, from: 'fe80::' },
  ])('curl gets its page from $url', async ({ url, from }) => {
    const server = namespace.node(HTTP_SCRIPT, [MAC]);
    await server.line('ready');
    const curl = ['-s', '-m', '10', '--retry', '10', '--retry-delay', '1', '--retry-all-errors'];
    expect(namespace.run('curl', ...curl, url)).toContain(`GET /a from ${from}`);
  });

  test('a router of the kernel gives us an address and a way out (RFC 4862 §5.5)', async () => {
    using scratch = new Scratch();
    const capture = scratch.path('router.pcapng');
    const us = await start({ capture, addresses: [] });
    namespace.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding');
    namespace.run('ip', 'addr', 'add', '2001:db8:77::1/64', 'dev', 'tcp0', 'nodad');
    namespace.run('ip', 'addr', 'add', '2001:db8:99::1/64', 'dev', 'lo', 'nodad');
    namespace.spawn('python3', [ADVERTISER, 'tcp0', '2001:db8:77::']);
    const made = '2001:db8:77::5eff:fe10:1';
    await ask(us, `serve ${made} 80`);
    expect(ping(made)).toContain(' 0% packet loss');
    // Beyond the link: by the router that was advertised.
    const them = namespace.node(SCRIPT, ['kernel']);
    await ask(them, 'serve 2001:db8:99::1 80');
    expect(await ask(us, 'send 2001:db8:99::1 80 1000000 3')).toBe(digestOf(1_000_000, 3));
    expect(JSON.parse(await ask(us, 'counters')).routerAdvertisements).toBeGreaterThan(0);
    await ask(us, 'close');
    const { faults, ours } = judgeEthernet(capture, MAC);
    expect(faults).toEqual([]);
    expect(ours).toContain(`135 ${made}`);
  });

  test('an address that the kernel has is given up (RFC 4862 §5.4, RFC 5227 §2.4)', async () => {
    const us = await start({ addresses: ['fd00:77::1/64', '10.77.0.2/24'] });
    await expect.poll(async () => JSON.parse(await ask(us, 'counters')).duplicateAddresses, { timeout: 5000 }).toBe(1);
    expect(ping('fd00:77::1')).toContain(' 0% packet loss');
  });

  test('a neighbour that is not there fails a connection with EHOSTUNREACH', async () => {
    const us = await start();
    await ask(us, 'serve 10.77.0.2 80');
    expect(await ask(us, 'send 10.77.0.99 80 1 1')).toMatch(/failed: .*EHOSTUNREACH/);
  });
});
