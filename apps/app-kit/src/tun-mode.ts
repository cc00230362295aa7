/** `--tun`: our stack on a TUN device that exists as long as the process. */

import { createStack, type Stack } from '@tcpstack/net';
import { captureLink } from '@tcpstack/runtime/capture-link';
import type { Link } from '@tcpstack/runtime/link';
import { type TunOptions as DeviceOptions, TunError, TunLink } from '@tcpstack/tun';
import { type Command, Option } from 'commander';
import { type Cidr, parseCidr, parseCidr6, parseDeviceName, parseMtu, parsePort } from './arguments.ts';
import { UsageError } from './cli.ts';
import { openPcapFile } from './pcap-file.ts';

/** What the options of `addTunOptions` and `--pcap` give. */
export interface TunOptions {
  /** Name of the device; `true` for the default, undefined without `--tun`. */
  readonly tun?: string | true;
  readonly address: Cidr;
  /** Undefined when it was not asked for: then the default, or whatever a device that root prepared has. */
  readonly hostAddress?: Cidr;
  /** Of IPv6, with their prefixes; undefined for none. */
  readonly ipv6?: string;
  readonly hostIpv6?: string;
  readonly port: number;
  readonly mtu?: number;
  readonly offload: boolean;
  readonly pcap?: string;
}

export interface TunStack {
  readonly stack: Stack;
  readonly link: Link;
  /** "tcp0" */
  readonly deviceName: string;
  /** Rejects when the device is removed under us; never resolves. */
  readonly lost: Promise<never>;
  /** Writes the rest of the capture; call it after the stack is closed. */
  closeCapture(): void;
}

const DEFAULT_NAME = 'tcp0';
const DEFAULT_HOST_ADDRESS = '10.77.0.1/24';
/** Options that mean something only with `--tun`. */
const TUN_ONLY = ['address', 'hostAddress', 'ipv6', 'hostIpv6', 'port', 'mtu', 'offload'] as const;

/**
 * Adds `--pcap`, then `--tun` and the options that belong to it; what is added later stands below them in the help.
 *
 * @param port Where a server listens; without one there is no `--port`.
 */
export function addTunOptions(program: Command, port?: number): Command {
  const given = (text: string): [Cidr, string] => [parseCidr(text), text];
  program
    .addOption(new Option('--pcap <file>', 'write the packets to a file for Wireshark').helpGroup('Options:'))
    .optionsGroup('Over a TUN device:')
    .addOption(
      new Option('--tun [name]', `use a TUN device (Linux, root; default ${DEFAULT_NAME})`).argParser(parseDeviceName),
    )
    .addOption(
      new Option('--address <address>', 'our address on it').argParser(parseCidr).default(...given('10.77.0.2/24')),
    )
    .addOption(
      new Option(
        '--host-address <address>',
        `the kernel's address on it (default ${DEFAULT_HOST_ADDRESS}, or what root gave it)`,
      ).argParser(parseCidr),
    )
    .addOption(new Option('--ipv6 <address>', 'our IPv6 address on it, as fd00:77::2/64').argParser(parseCidr6))
    .addOption(
      new Option('--host-ipv6 <address>', "the kernel's IPv6 address on it, as fd00:77::1/64").argParser(parseCidr6),
    )
    .addOption(new Option('--mtu <bytes>', 'its largest packet (default 1500)').argParser(parseMtu))
    .option('--no-offload', 'cut segments and sum checksums ourselves');
  if (port === undefined) return program;
  return program.addOption(new Option('--port <port>', 'where to listen on it').argParser(parsePort).default(port));
}

/**
 * @param more Other options that mean something only with `--tun`, as commander names them.
 * @throws {UsageError} When options do not go together.
 */
export function checkTunOptions(program: Command, options: TunOptions, more: readonly string[] = []): void {
  if (options.tun === undefined) {
    const orphan = [...TUN_ONLY, ...more].find((name) => program.getOptionValueSource(name) === 'cli');
    if (orphan !== undefined) throw new UsageError(`${flagOf(program, orphan)} needs --tun`);
    return;
  }
  if ((options.ipv6 === undefined) !== (options.hostIpv6 === undefined)) {
    throw new UsageError('--ipv6 and --host-ipv6 go together: each end of the device needs an address');
  }
  const { address, hostAddress = parseCidr(DEFAULT_HOST_ADDRESS) } = options;
  if (address.address === hostAddress.address) {
    throw new UsageError(`--address and --host-address are both ${address.address}: each end needs its own`);
  }
  if (address.network !== hostAddress.network || address.prefixBits !== hostAddress.prefixBits) {
    throw new UsageError(
      `--address ${show(address)} and --host-address ${show(hostAddress)} must be in one network, as 10.77.0.2/24 and 10.77.0.1/24`,
    );
  }
}

/** A device that root prepared for us may be used, but not set up: then it is taken as it is. */
function openDevice(hostAddress: Cidr | undefined, hostIpv6: string | undefined, options: DeviceOptions): TunLink {
  const hostIpv4 = hostAddress === undefined ? DEFAULT_HOST_ADDRESS : show(hostAddress);
  try {
    return TunLink.open({
      ...options,
      hostAddress: hostIpv6 === undefined ? hostIpv4 : [hostIpv4, hostIpv6],
    });
  } catch (error) {
    const maySetUp = !(error instanceof TunError && error.code === 'EPERM' && error.syscall.startsWith('RTM_'));
    if (maySetUp || hostAddress !== undefined) throw error;
    return TunLink.open(options);
  }
}

/**
 * Makes the device and a stack on it.
 *
 * @param watch Wraps the link, for those who watch.
 * @throws {TunError} With a line that says what to do.
 */
export function openTunStack(options: TunOptions, watch: (link: Link) => Link = (link) => link): TunStack {
  const name = typeof options.tun === 'string' ? options.tun : DEFAULT_NAME;
  let onLost: (error: TunError) => void = () => {};
  const lost = new Promise<never>((_resolve, reject) => {
    onLost = reject;
  });
  lost.catch(() => {}); // nobody may be waiting
  const tun = openDevice(options.hostAddress, options.hostIpv6, {
    name,
    offload: options.offload,
    onLost: (error) => onLost(error),
    ...(options.mtu === undefined ? {} : { mtuBytes: options.mtu }),
  });
  const pcap = options.pcap === undefined ? null : openPcapFile(options.pcap, name);
  const link = watch(pcap === null ? tun : captureLink(tun, pcap.sink));
  const stack = createStack({
    link,
    address: options.address.address,
    moreAddresses: options.ipv6 === undefined ? [] : [options.ipv6],
  });
  return { stack, link, deviceName: tun.name, lost, closeCapture: () => pcap?.close() };
}

function flagOf({ options }: Command, name: string): string {
  return options.find((option) => option.attributeName() === name)?.long ?? name;
}

function show({ address, prefixBits }: Cidr): string {
  return `${address}/${prefixBits}`;
}
