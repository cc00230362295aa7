/** The environment variables that say what the default stack is made of. */

import type { RouteOptions } from '@tcpstack/sockets/host';

/** What the variables say. */
export interface Environment {
  /** The number of the process that has this device already: one above this one, which handed the hook on to it. */
  readonly holder: string | undefined;
  /** The device; `null` when the stack is to talk to itself only. */
  readonly device: { readonly name: string; readonly mode: 'tun' | 'tap' } | null;
  /** The kernel's side of the device, to be set up by us: "10.77.0.1/24". Empty: the device is as it should be. */
  readonly hostAddresses: readonly string[];
  readonly mtuBytes: number | undefined;
  /** Ours, the first one first: "10.77.0.2/24". */
  readonly addresses: readonly string[];
  readonly routes: readonly RouteOptions[];
}

type Variables = Readonly<Record<string, string | undefined>>;

const KNOWN = ['TUN', 'TAP', 'ADDRESS', 'HOST_ADDRESS', 'MTU', 'ROUTES'].map((name) => `TCPSTACK_${name}`);
/** "tcp0 1234": set by who opens the device, and read by its threads and children, as a device has one user. */
export const HOLDER = 'TCPSTACK_HOLDER';

/** @throws {RangeError} One line that names the variable. */
export function readEnvironment(variables: Variables): Environment {
  for (const name of Object.keys(variables)) {
    // One that is misspelt would be a stack that reaches nobody, and no word why.
    if (name.startsWith('TCPSTACK_') && !KNOWN.includes(name) && name !== HOLDER) {
      throw new RangeError(`${name} is not known; there are ${KNOWN.join(', ')}`);
    }
  }
  const said = (name: string): string | undefined => variables[`TCPSTACK_${name}`] || undefined;
  const tun = said('TUN');
  const tap = said('TAP');
  if (tun !== undefined && tap !== undefined) throw new RangeError('TCPSTACK_TUN and TCPSTACK_TAP: only one of them');
  const name = tun ?? tap;
  const addresses = list(said('ADDRESS'));
  if (name !== undefined && addresses.length === 0) {
    throw new RangeError('TCPSTACK_ADDRESS must say who we are on the device: 10.77.0.2/24');
  }
  return {
    holder: name === undefined ? undefined : holderOf(name, variables[HOLDER]),
    device: name === undefined ? null : { name, mode: tap === undefined ? 'tun' : 'tap' },
    hostAddresses: list(said('HOST_ADDRESS')),
    mtuBytes: mtu(said('MTU')),
    addresses,
    routes: list(said('ROUTES')).map(route),
  };
}

function holderOf(device: string, text = ''): string | undefined {
  const [held, processId] = text.split(' ');
  return held === device ? processId : undefined;
}

function list(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function mtu(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new RangeError(`TCPSTACK_MTU must be a number of bytes, not "${text}"`);
  return Number(text);
}

/** "0.0.0.0/0 via 10.77.0.1". */
function route(text: string): RouteOptions {
  const [to = '', word, via, ...rest] = text.split(/\s+/);
  if (word !== 'via' || via === undefined || rest.length > 0) {
    throw new RangeError(
      `TCPSTACK_ROUTES must be like "0.0.0.0/0 via 10.77.0.1, 10.8.0.0/16 via 10.77.0.3", not "${text}"`,
    );
  }
  return { to: to === 'default' ? (via.includes(':') ? '::/0' : '0.0.0.0/0') : to, via };
}
