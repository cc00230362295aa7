/** Network namespaces that a test makes and removes: nothing it does in them reaches the machine's own network. */

import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { NodeProcess, type NodeProcessOptions, nodeArguments } from './node-process.ts';

let made = 0;
const alive = new Set<Namespace>();

/** How to make a namespace. */
export interface NamespaceOptions {
  /**
   * Congestion control of the kernel inside it. Default `reno`: a machine's default may pace a sender
   * towards TUN, which would measure the pacing.
   */
  readonly congestionControl?: string;
}

/** One end of a veth pair. */
export interface VethEnd {
  readonly namespace: Namespace;
  /** Name of the interface in its namespace. */
  readonly device: string;
  /** IPv4 address with prefix length. */
  readonly address: string;
}

/** A network namespace with loopback up, known to `ip netns` by its name. */
export class Namespace {
  readonly name: string;
  readonly #children = new Set<ChildProcess>();

  constructor(options: NamespaceOptions = {}) {
    this.name = `tcpstack-${process.pid}-${++made}`;
    runHere('ip', ['netns', 'add', this.name]);
    if (alive.size === 0) process.on('exit', removeAll);
    alive.add(this);
    this.run('ip', 'link', 'set', 'lo', 'up');
    this.setCongestionControl(options.congestionControl ?? 'reno');
  }

  /** Runs a command to its end and returns what it printed; throws with its complaints when it fails. */
  run(command: string, ...args: string[]): string {
    return runHere('ip', ['netns', 'exec', this.name, command, ...args]);
  }

  /** Starts a command; it is killed with the namespace. `ip netns exec` becomes the command: signals reach it. */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.name, command, ...args], options);
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** Starts a file under this Node, with the workspace's packages taken from source unless `options` says `built`. */
  node(script: string | URL, args: readonly string[] = [], options: NodeProcessOptions = {}): NodeProcess {
    const child = this.spawn(process.execPath, nodeArguments(script, args, options), {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    return new NodeProcess(child);
  }

  /** Congestion control of new sockets of the kernel in it: `reno`, `cubic`, ... */
  setCongestionControl(name: string): void {
    this.run('sh', '-c', `echo ${name} > /proc/sys/net/ipv4/tcp_congestion_control`);
  }

  /** Drops this share (0 to 1) of the packets that arrive by `device`, at random. Calling again changes it. */
  dropArriving(device: string, share: number): void {
    this.#drop('prerouting', `iifname "${device}"`, share);
  }

  /** Drops this share (0 to 1) of the packets that leave by `device`, at random. Calling again changes it. */
  dropLeaving(device: string, share: number): void {
    this.#drop('postrouting', `oifname "${device}"`, share);
  }

  #drop(hook: 'prerouting' | 'postrouting', match: string, share: number): void {
    const table = `table ip loss_${hook}`;
    const rules = [
      `add ${table}`,
      `delete ${table}`,
      `add ${table}`,
      `add chain ip loss_${hook} c { type filter hook ${hook} priority -300; policy accept; }`,
    ];
    const chance = share < 1 ? `numgen random mod 1000000 < ${Math.round(share * 1_000_000)}` : '';
    if (share > 0) rules.push(`add rule ip loss_${hook} c ${match} ${chance} drop`);
    runHere('ip', ['netns', 'exec', this.name, 'nft', '-f', '-'], rules.join('\n'));
  }

  /** Kills what was started in it and removes it. Twice is fine. */
  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    this.#children.clear();
    if (!alive.delete(this)) return;
    if (alive.size === 0) process.off('exit', removeAll);
    spawnSync('ip', ['netns', 'del', this.name]);
  }
}

/** Connects two namespaces by a virtual cable, addresses set and both ends up. */
export function connectByVeth(a: VethEnd, b: VethEnd): void {
  const peer = ['peer', 'name', b.device, 'netns', b.namespace.name];
  a.namespace.run('ip', 'link', 'add', a.device, 'type', 'veth', ...peer);
  for (const end of [a, b]) {
    end.namespace.run('ip', 'addr', 'add', end.address, 'dev', end.device);
    end.namespace.run('ip', 'link', 'set', end.device, 'up');
  }
}

function removeAll(): void {
  for (const namespace of [...alive]) namespace.remove();
}

function runHere(command: string, args: readonly string[], input = ''): string {
  const result = spawnSync(command, args, { encoding: 'utf8', input, maxBuffer: 64 * 1024 * 1024 });
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) {
    const end = result.signal ?? `exit ${result.status}`;
    throw new Error(`${command} ${args.join(' ')}: ${end}: ${(result.stderr || result.stdout).trim()}`);
  }
  return result.stdout;
}
