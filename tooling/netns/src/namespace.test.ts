import { afterEach, describe, expect, test } from 'vitest';
import { connectByVeth, Namespace } from './namespace.ts';
import { whyNoNamespaces } from './requirements.ts';

const reason = whyNoNamespaces('ping', 'nft');
if (reason !== undefined) console.warn(`tooling/netns/src/namespace.test.ts ${reason}`);

describe.skipIf(reason !== undefined)('a network namespace', () => {
  const made: Namespace[] = [];
  const make = (congestionControl?: string) => {
    const namespace = new Namespace(congestionControl === undefined ? {} : { congestionControl });
    made.push(namespace);
    return namespace;
  };
  const pair = () => {
    const [a, b] = [make(), make()];
    connectByVeth(
      { namespace: a, device: 'veth0', address: '10.9.0.1/24' },
      { namespace: b, device: 'veth0', address: '10.9.0.2/24' },
    );
    return { a, b };
  };
  const ping = (from: Namespace) => from.run('ping', '-c', '2', '-i', '0.05', '-W', '1', '10.9.0.2');

  afterEach(() => {
    for (const namespace of made.splice(0)) namespace.remove();
  });

  test('has nothing but loopback, and reno unless told otherwise', () => {
    const namespace = make();
    expect(JSON.parse(namespace.run('ip', '-json', 'link'))).toHaveLength(1);
    namespace.run('ping', '-c', '1', '127.0.0.1');
    expect(namespace.run('cat', '/proc/sys/net/ipv4/tcp_congestion_control')).toBe('reno\n');
  });

  test('reaches another over a virtual cable', () => {
    expect(ping(pair().a)).toContain(' 0% packet loss');
  });

  test('loses what arrives or leaves when told to, and no more when told so', () => {
    const { a, b } = pair();
    b.dropArriving('veth0', 1);
    expect(() => ping(a)).toThrow('100% packet loss');
    b.dropArriving('veth0', 0);
    b.dropLeaving('veth0', 1);
    expect(() => ping(a)).toThrow('100% packet loss');
    b.dropLeaving('veth0', 0);
    expect(ping(a)).toContain(' 0% packet loss');
  });

  test('is gone after remove, with the processes in it', async () => {
    const namespace = make();
    const child = namespace.spawn('sleep', ['1000']);
    const end = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    namespace.remove();
    namespace.remove();
    expect(await end).toBe('SIGKILL');
    expect(() => namespace.run('true')).toThrow('No such file');
  });

  test('a command that fails throws with its complaint', () => {
    expect(() => make().run('ip', 'link', 'show', 'nothing')).toThrow(/exit 1: Device "nothing" does not exist/);
  });
});
