/** The driver against the kernel: each test in a network namespace of its own. */

import { Namespace } from '@tcpstack/netns/namespace';
import { whyNoNamespaces } from '@tcpstack/netns/requirements';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const reason = whyNoNamespaces('ping');
if (reason !== undefined) console.warn(`packages/tun/test/tun-link.test.ts ${reason}`);

const script = (name: string) => new URL(`./scripts/${name}.ts`, import.meta.url);
const HOST = { hostAddress: '10.77.0.1/24' };
const PARTIAL_AND_VALID = 3;

describe.skipIf(reason !== undefined)('a TUN link and the kernel', () => {
  let namespace: Namespace;

  beforeEach(() => {
    namespace = new Namespace();
  });
  afterEach(() => namespace.remove());

  const answerer = (options: object) => namespace.node(script('answerer'), [JSON.stringify(options)]);

  test('the device is up with its address, MTU and queue length when open returns', async () => {
    const link = answerer({ ...HOST, name: 'web7', mtuBytes: 1400, txQueueLength: 2000 });
    await link.line('open');
    const [device] = JSON.parse(namespace.run('ip', '-json', 'addr', 'show', 'web7'));
    expect(device).toMatchObject({ ifname: 'web7', mtu: 1400, txqlen: 2000 });
    expect(device.flags).toEqual(expect.arrayContaining(['UP', 'LOWER_UP']));
    expect(device.addr_info).toMatchObject([{ family: 'inet', local: '10.77.0.1', prefixlen: 24 }]);
  });

  test('the link tells what it can do, with and without offload', async () => {
    const shape = (options: object) =>
      answerer(options)
        .line('open')
        .then((text) => JSON.parse(text));
    expect(await shape({ ...HOST, name: 'a' })).toEqual({
      ...{ name: 'a', mtuBytes: 1500, superSegmentBytes: 65535, receivesSuperSegments: true },
      ...{ checksum: 'offload', headroomBytes: 12 },
    });
    expect(await shape({ name: 'b%d', mtuBytes: 9000, offload: false })).toEqual({
      ...{ name: 'b0', mtuBytes: 9000, superSegmentBytes: 0, receivesSuperSegments: false },
      ...{ checksum: 'software', headroomBytes: 0 },
    });
  });

  test.for([true, false])("the kernel's ping gets its answers (offload: %s)", async (offload) => {
    const link = answerer({ ...HOST, offload });
    await link.line('open');
    expect(namespace.run('ping', '-c', '5', '-i', '0.05', '-W', '2', '10.77.0.2')).toContain(' 0% packet loss');
    link.say('stats');
    expect(JSON.parse(await link.line('stats'))).toMatchObject({ receivedPackets: 5, sentPackets: 5, sendDrops: 0 });
  });

  test.for([true, false])(
    'a TAP device carries frames, and its peer is found by ARP (offload: %s)',
    async (offload) => {
      const macAddress = '02:00:5e:10:00:01';
      const link = namespace.node(script('tap'), [JSON.stringify({ ...HOST, offload, macAddress, mtuBytes: 1400 })]);
      expect(JSON.parse(await link.line('open'))).toMatchObject({ carries: 'ethernet', macAddress, mtuBytes: 1400 });
      const ping = ['-c', '5', '-i', '0.05', '-W', '2', '-s', '1372', '-M', 'do', '10.77.0.2'];
      expect(namespace.run('ping', ...ping)).toContain(' 0% packet loss');
      expect(namespace.run('ip', 'neigh', 'show', 'dev', 'tcp0')).toContain(`10.77.0.2 lladdr ${macAddress} REACHABLE`);
      expect(await link.line('type')).toBe('806');
      expect(await link.line('type')).toBe('800');
    },
  );

  test('a TAP device has a random address of its own, and the kernel gets those of both families', async () => {
    const hostAddress = ['10.77.0.1/24', 'fd00::1/64'];
    const link = namespace.node(script('tap'), [JSON.stringify({ hostAddress, name: 'eth7' })]);
    expect(JSON.parse(await link.line('open')).macAddress).toMatch(/^.[26ae](:[0-9a-f]{2}){5}$/);
    const [device] = JSON.parse(namespace.run('ip', '-json', 'addr', 'show', 'eth7'));
    expect(device).toMatchObject({ link_type: 'ether' });
    const locals = device.addr_info.map(({ local }: { local: string }) => local);
    expect(locals).toEqual(expect.arrayContaining(['10.77.0.1', 'fd00::1']));
  });

  test('with offload datagrams come with a partial sum, aligned, and are taken back so', async () => {
    const link = answerer(HOST);
    await link.line('open');
    await namespace.node(script('udp-client'), ['trips', '3']).success();
    const packet = JSON.parse(await link.line('udp'));
    expect(packet).toMatchObject({ flags: PARTIAL_AND_VALID, isSummed: false });
    expect(packet.at % 8).toBe(0);
  });

  test('without offload datagrams come with a finished sum and no flag', async () => {
    const link = answerer({ ...HOST, offload: false });
    await link.line('open');
    await namespace.node(script('udp-client'), ['trips', '3']).success();
    expect(JSON.parse(await link.line('udp'))).toMatchObject({ flags: 0, isSummed: true });
  });

  test("the kernel's TCP hands over a super-segment with its segment size", async () => {
    const link = namespace.node(script('handshaker'));
    const packet = JSON.parse(await link.line('super'));
    expect(packet).toMatchObject({ segmentBytes: 1460, flags: PARTIAL_AND_VALID });
    expect(packet.lengthBytes).toBeGreaterThan(1500);
    link.say('end');
    await link.success();
  });

  test('the kernel splits and sums a super-segment of ours', async () => {
    namespace.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    const link = namespace.node(script('forwarder'));
    expect(JSON.parse(await link.line('sent'))).toMatchObject({ sentPackets: 1, sentBytes: 4540, sendDrops: 0 });
    for (const [seq, bytes] of [
      [5000, 1000],
      [6000, 1000],
      [7000, 1000],
      [8000, 1000],
      [9000, 500],
    ]) {
      expect(JSON.parse(await link.line('segment'))).toEqual({ seq, bytes, segmentBytes: 0, isRight: true });
    }
    link.say('end');
    await link.success();
  });

  test('a packet beyond the MTU is counted and not sent', async () => {
    const link = answerer(HOST);
    await link.line('open');
    link.say('giant');
    expect(JSON.parse(await link.line('stats'))).toMatchObject({ sentPackets: 0, sendDrops: 1 });
  });

  test('after close the process ends by itself, the device is gone and sending only counts', async () => {
    const link = answerer(HOST);
    await link.line('open');
    await namespace.node(script('udp-client'), ['trips', '1']).success();
    link.say('close');
    expect(JSON.parse(await link.line('closed'))).toMatchObject({ sentPackets: 1, sendDrops: 1 });
    await link.success();
    expect(namespace.run('ip', '-br', 'link')).not.toContain('tcp0');
  });

  test('an open link keeps the process alive, unless unref', async () => {
    const link = answerer(HOST);
    await link.line('open');
    link.say('idle');
    await link.line('idle');
    expect(link.child.exitCode).toBeNull();
    link.say('unref');
    await link.success();
  });

  test('an idle link uses no processor time', async () => {
    const link = answerer(HOST);
    await link.line('open');
    await namespace.node(script('udp-client'), ['trips', '100']).success();
    link.say('idle');
    await link.line('idle');
    link.say('idle');
    expect(Number(await link.line('idle'))).toBeLessThan(10);
  });

  test('20,000 round trips do not stall', async () => {
    const link = answerer(HOST);
    await link.line('open');
    expect(await namespace.node(script('udp-client'), ['trips', '20000']).success(30_000)).toContain('trips 20000');
  }, 40_000);

  test('a flooded link leaves room for timers', async () => {
    const link = answerer(HOST);
    await link.line('open');
    link.say('timer');
    link.say('stats');
    const before = JSON.parse(await link.line('stats'));
    const start = performance.now();
    await namespace.node(script('udp-client'), ['flood', '60000']).success();
    const elapsedMs = performance.now() - start;
    link.say('stats');
    const after = JSON.parse(await link.line('stats'));
    expect(after.receivedPackets - before.receivedPackets).toBeGreaterThan(10_000);
    expect(after.timerTurns - before.timerTurns).toBeGreaterThan(elapsedMs / 10 / 4);
  });

  test('when the device is removed the owner is told, and the process ends', async () => {
    const link = answerer(HOST);
    await link.line('open');
    namespace.run('ip', 'link', 'del', 'tcp0');
    expect(await link.line('lost')).toMatch(/^\w+ tcp0: .*the device was removed/);
    link.say('close');
    await link.success();
  });

  test('each queue of a device gets flows, and may answer those of another', async () => {
    const { names, arrived } = JSON.parse(await namespace.node(script('queues')).line('queues'));
    expect(names).toEqual(['tcp0', 'tcp0', 'tcp0']);
    expect(arrived.reduce((a: number, b: number) => a + b)).toBe(60);
    expect(arrived.filter((n: number) => n > 0).length).toBeGreaterThan(1);
  });

  test('workers that end with an open link harm nobody', async () => {
    expect(await namespace.node(script('workers')).success()).toContain('survived');
  });
});
