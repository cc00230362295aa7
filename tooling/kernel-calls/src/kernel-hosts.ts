/** Two hosts of the kernel: two processes, each in a namespace of its own, joined by a virtual cable. */

import { spawnSync } from 'node:child_process';
import { HelperProcess } from './helper-process.ts';
import { DESCRIPTOR_LIMIT } from './limits.ts';
import { CLIENT, type Hosts, type Needs, NOBODY, SERVER } from './trial.ts';

/** A kernel that is not quiet by then is not going to be. */
const SETTLE_LIMIT_MS = 5000;
/** Between two looks. */
const PAUSE_MS = 0.2;
/** Readings of the counters that must be alike. */
const QUIET_READINGS = 2;

/** What a namespace inherits from the machine, and both hosts must have alike. */
const SETTINGS = { 'ipv4.ip_forward': 0, 'ipv4.tcp_congestion_control': 'reno' };

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
    this.#lost = this.#restOf(() => true);
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
    };
  }

  end(): void {
    this.#server.end();
    this.#client.end();
  }

  #configure(): void {
    const cable = `link add veth0 address 02:00:00:00:00:01 type veth peer name veth0 address 02:00:00:00:00:02 netns`;
    const own = (address: string, last: number, peer: string, peerLast: number) => [
      'link set lo up',
      `addr add ${address}/24 dev veth0`,
      `addr add fd00::${last}/64 dev veth0 nodad`,
      'link set veth0 addrgenmode none up',
      `neigh add ${peer} lladdr 02:00:00:00:00:0${peerLast} nud permanent dev veth0`,
      `neigh add fd00::${peerLast} lladdr 02:00:00:00:00:0${peerLast} nud permanent dev veth0`,
      // Packets to nobody arrive at the peer, which does not forward them.
      `neigh add ${NOBODY} lladdr 02:00:00:00:00:0${peerLast} nud permanent dev veth0`,
    ];
    inNamespace(this.#server, [`${cable} ${this.#client.pid}`, ...own(SERVER, 1, CLIENT, 2)]);
    inNamespace(this.#client, own(CLIENT, 2, SERVER, 1));
  }

  /** Waits until as many packets came as were sent, and no more are sent. */
  #settle(): void {
    this.#restOf((lost) => lost === this.#lost);
  }

  /** Waits until the counters stand still, and what is missing is as it should be; returns that. */
  #restOf(isRight: (lost: number) => boolean): number {
    const until = performance.now() + SETTLE_LIMIT_MS;
    let last = '';
    for (let same = 0; ; ) {
      const { sent, received } = this.#packets();
      const now = `${sent} sent, ${received} received`;
      same = isRight(sent - received) && now === last ? same + 1 : 0;
      if (same === QUIET_READINGS) return sent - received;
      last = now;
      if (performance.now() > until)
        throw new Error(`the kernel never falls silent: ${now}, ${this.#lost} lost before`);
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
