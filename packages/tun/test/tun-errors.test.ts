/** Opening a device without the means or the rights to: what the error says, and what works all the same. */

import { Namespace } from '@tcpstack/netns/namespace';
import { NodeProcess, nodeArguments } from '@tcpstack/netns/node-process';
import { whyNoNamespaces } from '@tcpstack/netns/requirements';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const reason = whyNoNamespaces('setpriv', 'unshare', 'mount');
if (reason !== undefined) console.warn(`packages/tun/test/tun-errors.test.ts ${reason}`);

const opener = new URL('./scripts/opener.ts', import.meta.url);
const NOBODY = '65534';
/** In the mount namespace that `ip netns exec` makes for each command: the machine's own file stays as it is. */
const driver = (mode: string) =>
  `d=$(mktemp -d) && mknod -m ${mode} $d/tun c 10 200 && mount --bind $d/tun /dev/net/tun && rm -r $d`;
const OPEN_TO_ALL = driver('666');
const WITHOUT_DRIVER = 'mount -t tmpfs none /dev/net';

describe.skipIf(reason !== undefined)('opening a TUN device', () => {
  let namespace: Namespace;

  beforeEach(() => {
    namespace = new Namespace();
  });
  afterEach(() => namespace.remove());

  /** Opens devices under `prepare`, with the command line given to the program `by`. */
  function open(prepare: string, by: string, ...options: object[]): NodeProcess {
    const command = nodeArguments(
      opener,
      options.map((o) => JSON.stringify(o)),
    );
    const line = `${prepare}; exec ${by} "$@"`;
    const child = namespace.spawn('sh', ['-ec', line, 'sh', process.execPath, ...command], { stdio: 'pipe' });
    return new NodeProcess(child);
  }

  const failure = async (process: NodeProcess) => JSON.parse(await process.line('failed'));
  const asNobody = `setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups --bounding-set=-all --inh-caps=-all`;

  test('EBUSY: the name is in use', async () => {
    expect(await failure(open(':', '', {}, {}))).toMatchObject({
      ...{ name: 'TunError', code: 'EBUSY', errno: -16, syscall: 'TUNSETIFF' },
      message: expect.stringMatching(/^tcp0: EBUSY: another program uses this device/),
    });
  });

  test('EINVAL: the name belongs to another kind of device', async () => {
    expect(await failure(open(':', '', { name: 'lo' }))).toMatchObject({ code: 'EINVAL', syscall: 'TUNSETIFF' });
  });

  test('ENOENT: there is no driver', async () => {
    expect(await failure(open(WITHOUT_DRIVER, '', {}))).toMatchObject({
      ...{ code: 'ENOENT', errno: -2, syscall: 'open' },
      message: expect.stringContaining('modprobe tun'),
    });
  });

  test('EACCES: the driver is not open to this user', async () => {
    expect(await failure(open(driver('600'), asNobody, {}))).toMatchObject({
      ...{ code: 'EACCES', syscall: 'open' },
      message: expect.stringContaining('run as root'),
    });
  });

  test('EPERM: this user may not make a device', async () => {
    expect(await failure(open(OPEN_TO_ALL, asNobody, {}))).toMatchObject({
      ...{ code: 'EPERM', errno: -1, syscall: 'TUNSETIFF' },
      message: expect.stringContaining('ip tuntap add dev tcp0 mode tun user $USER'),
    });
  });

  test('EPERM: this user may open the device and not configure it; nothing stays open', async () => {
    namespace.run('ip', 'tuntap', 'add', 'dev', 'tcp0', 'mode', 'tun', 'user', NOBODY);
    const process = open(OPEN_TO_ALL, asNobody, { hostAddress: '10.77.0.1/24' }, {});
    expect(await failure(process)).toMatchObject({
      ...{ code: 'EPERM', syscall: 'RTM_NEWLINK' },
      message: expect.stringContaining('let root set it beforehand'),
    });
    await process.line('opened tcp0');
  });

  test('a device that root made for a user is opened without rights, with the settings it has', async () => {
    namespace.run('ip', 'tuntap', 'add', 'dev', 'tcp0', 'mode', 'tun', 'user', NOBODY);
    namespace.run('ip', 'link', 'set', 'tcp0', 'mtu', '1280', 'up');
    expect(await open(OPEN_TO_ALL, asNobody, {}).line('opened')).toBe('tcp0 1280');
    expect(namespace.run('ip', '-br', 'link')).toContain('tcp0');
  });

  test('in a user namespace any user makes and configures one', async () => {
    const process = open(OPEN_TO_ALL, `${asNobody} unshare -Urn`, { hostAddress: '10.77.0.1/24', mtuBytes: 1400 });
    expect(await process.line('opened')).toBe('tcp0 1400');
  });
});
