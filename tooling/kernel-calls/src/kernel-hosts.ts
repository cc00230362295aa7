/** Two hosts of the kernel: two processes, each in a namespace of its own, joined by a virtual cable. */

import { spawnSync } from 'node:child_process';
import { AF_INET, AF_INET6, SO_ERROR, SOCK_DGRAM, SOL_SOCKET } from '@tcpstack/sockets/constants';
import { ECONNREFUSED } from '@tcpstack/sockets/errno';
import { HelperProcess } from './helper-process.ts';
import { DESCRIPTOR_LIMIT } from './limits.ts';
import { CLIENT, CLIENT6, DEVICE, type Hosts, type Needs, NOBODY, NOBODY6, SERVER, SERVER6 } from './trial.ts';

/** A kernel that is not quiet by then is not going to be. */
const SETTLE_LIMIT_MS = 5000;
/** A packet that is under way for so long never arrives: multicast that was sent before the cable was ready. */
const LOST_MS = 100;
/** Between two looks. */
const PAUSE_MS = 0.2;
/** Readings of the counters that must be alike. */
const QUIET_READINGS = 2;

/** What a namespace inherits from the machine, and both hosts must have alike. */
const SETTINGS = { 'ipv4.ip_forward': 0, 'ipv4.tcp_congestion_control': 'reno' };

/** Whom both ask until an answer comes, the other and themselves. */
const REFUSING = [
  [AF_INET, SERVER],
  [AF_INET, CLIENT],
  [AF_INET6, SERVER6],
  [AF_INET6, CLIENT6],
] as const;
const NO_SERVICE = 9;
/** Nobody listens to it. */
const GROUP6 = 'ff05::9';

/** Hosts that are made anew for each case, in two processes that stay. */
export class KernelHosts {
  readonly #server = new HelperProcess();
  readonly #client = new HelperProcess();
  /** Packets of this case that nobody received: IPv6 speaks up before the other end of the cable is up. */
  #lost = 0;

  /** Fresh namespaces, with nothing in them but addresses and a cable. */
  begin(needs: Needs = {}): Hosts {
    const both = [this.#server, this.#client];
    for (const process of both) {
      const result = process.ask('begin', DESCRIPTOR_LIMIT);
      if (result !== 0) throw new Error(`no namespace: ${result}`);
    }
    this.#configure();
    for (const from of both) for (const [family, address] of REFUSING) this.#untilRefused(from, family, address);
    for (const from of both) this.#untilMulticast(from);
    if (needs.icmp === true) this.#server.ask('watchPackets');
    for (const [name, value] of Object.entries({ ...SETTINGS, ...needs.linux })) {
      for (const process of both) process.ask('setSetting', name.replaceAll('.', '/'), String(value));
    }
    return {
      server: this.#server.sys,
      client: this.#client.sys,
      settle: () => this.#settle(),
      pass: (ms) => {
        pause(ms);
        this.#settle();
      },
      icmp: (error) => {
        const result = this.#server.ask('answerLast', [CLIENT, CLIENT6], error);
        if (result !== 0) throw new Error(`sending an ICMP message gave ${result}`);
        this.#settle();
      },
      proc: (who, path) => this.#of(who).ask('readProc', path) as string,
      ss: (who, kind = 'tcp') =>
        run('nsenter', ['-t', String(this.#of(who).pid), '-n', 'ss', kind === 'tcp' ? '-tanio' : '-uan']),
    };
  }

  end(): void {
    this.#server.end();
    this.#client.end();
  }

  #of(who: 'server' | 'client'): HelperProcess {
    return who === 'server' ? this.#server : this.#client;
  }

  #configure(): void {
    const cable = `link add ${DEVICE} address 02:00:00:00:00:01 type veth peer name ${DEVICE} address 02:00:00:00:00:02 netns`;
    const own = (address: string, last: number, peer: string, peerLast: number) => [
      'link set lo up',
      `addr add ${address}/24 dev ${DEVICE}`,
      `addr add fd00::${last}/64 dev ${DEVICE} nodad`,
      `link set ${DEVICE} addrgenmode none up`,
      // The kernel's own comes when it has noticed the cable, at most once a second: each case would wait for that.
      `route add multicast ff00::/8 dev ${DEVICE} table local metric 1`,
      `neigh add ${peer} lladdr 02:00:00:00:00:0${peerLast} nud permanent dev ${DEVICE}`,
      `neigh add fd00::${peerLast} lladdr 02:00:00:00:00:0${peerLast} nud permanent dev ${DEVICE}`,
      // Packets to nobody arrive at the peer, which does not forward them.
      `neigh add ${NOBODY} lladdr 02:00:00:00:00:0${peerLast} nud permanent dev ${DEVICE}`,
      `neigh add ${NOBODY6} lladdr 02:00:00:00:00:0${peerLast} nud permanent dev ${DEVICE}`,
    ];
    inNamespace(this.#server, [`${cable} ${this.#client.pid}`, ...own(SERVER, 1, CLIENT, 2)]);
    inNamespace(this.#client, own(CLIENT, 2, SERVER, 1));
  }

  /** A cable is ready some time after both ends are up: what is sent before is lost. */
  #untilRefused({ sys }: HelperProcess, family: number, address: string): void {
    const untilMs = performance.now() + SETTLE_LIMIT_MS;
    for (;;) {
      const fd = sys.socket(family);
      sys.connect(fd, address, NO_SERVICE);
      this.#restOf(() => true);
      const answer = sys.getsockopt(fd, SOL_SOCKET, SO_ERROR);
      sys.close(fd);
      if (answer === ECONNREFUSED) return;
      if (performance.now() > untilMs) throw new Error(`the cable is not ready: ${address} gave ${answer}`);
    }
  }

  /** The route to groups of IPv6 comes when the kernel has noticed that the cable is there. */
  #untilMulticast({ sys }: HelperProcess): void {
    const untilMs = performance.now() + SETTLE_LIMIT_MS;
    const fd = sys.socket(AF_INET6, SOCK_DGRAM);
    for (;;) {
      const sent = sys.sendto(fd, new Uint8Array(1), 0, 1, 0, { address: GROUP6, port: NO_SERVICE });
      if (sent === 1 || performance.now() > untilMs) break;
      pause(PAUSE_MS);
    }
    this.#restOf(() => true);
    sys.close(fd);
  }

  /** Waits until as many packets came as were sent, and no more are sent. */
  #settle(): void {
    this.#restOf((lost) => lost === this.#lost);
  }

  /**
   * Waits until the counters stand still, and what is missing is as it should be, or has been missing for long: then it
   * is lost. Returns how many packets are missing.
   */
  #restOf(isRight: (lost: number) => boolean): number {
    const beganMs = performance.now();
    let sinceMs = beganMs;
    let last = '';
    for (let same = 0; ; ) {
      const { sent, received } = this.#packets();
      const now = `${sent} sent, ${received} received`;
      if (now !== last) {
        same = 0;
        sinceMs = performance.now();
      } else if (isRight(sent - received) || performance.now() - sinceMs > LOST_MS) same++;
      if (same === QUIET_READINGS) {
        this.#lost = sent - received;
        return this.#lost;
      }
      last = now;
      if (performance.now() - beganMs > SETTLE_LIMIT_MS) throw new Error(`the kernel never falls silent: ${now}`);
      if (same === 0) pause(PAUSE_MS);
    }
  }

  #packets(): { sent: number; received: number } {
    const both = [this.#server, this.#client].map((process) => process.ask('counters') as string[]);
    let sent = 0;
    let received = 0;
    for (const [snmp = '', snmp6 = ''] of both) {
      const ip4 = table(snmp, 'Ip');
      sent += (ip4['OutTransmits'] ?? ip4['OutRequests'] ?? 0) + count(snmp6, 'Ip6OutTransmits');
      received += (ip4['InReceives'] ?? 0) + count(snmp6, 'Ip6InReceives');
    }
    return { sent, received };
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

function inNamespace(process: HelperProcess, commands: readonly string[]): void {
  const args = ['-t', String(process.pid), '-n', 'ip', '-batch', '-'];
  const result = spawnSync('nsenter', args, { input: commands.join('\n'), encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`ip: ${result.stderr || result.error?.message}`);
}

/** The two lines of a protocol in /proc/net/snmp, names and values. */
function table(snmp: string, protocol: string): Record<string, number> {
  const [names = '', values = ''] = snmp.split('\n').filter((line) => line.startsWith(`${protocol}:`));
  const numbers = values.split(' ');
  return Object.fromEntries(names.split(' ').map((name, i) => [name, Number(numbers[i])]));
}

function count(snmp6: string, name: string): number {
  return Number(new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(snmp6)?.[1] ?? 0);
}
