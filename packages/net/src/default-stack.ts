/** The stack of the module form: one for the process, made when it is first used. */

import { createRequire } from 'node:module';
import type { Link } from '@tcpstack/runtime/link';
import { type Environment, HOLDER, readEnvironment } from './environment.ts';
import { createNowhereLink } from './nowhere-link.ts';
import { createStack, type Stack, type StackOptions } from './stack.ts';

let chosen: StackOptions | null = null;
let made: Stack | null = null;

/**
 * Says what the default stack is made of, in place of the environment variables.
 *
 * @throws {Error} It is in use already.
 */
export function configureDefaultStack(options: StackOptions): void {
  if (made !== null) throw new Error('the default stack is in use: configure it before the first call');
  chosen = options;
}

/** The default stack; the first call makes it. Throws in one line what is wrong with the device or the variables. */
export function defaultStack(): Stack {
  made ??= createStack(chosen ?? optionsOf(readEnvironment(process.env)));
  return made;
}

function optionsOf(said: Environment): StackOptions {
  const { device, holder } = said;
  if (device === null) return { ...networkOf(said), link: createNowhereLink() };
  if (holder === undefined) {
    const link = openDevice(said);
    process.env[HOLDER] = `${device.name} ${process.pid}`;
    return { ...networkOf(said), link };
  }
  process.emitWarning(
    `process ${holder} has ${device.name}: this thread or process reaches only its own 127.0.0.1 and ::1`,
  );
  return { link: createNowhereLink() };
}

function networkOf(said: Environment): Omit<StackOptions, 'link'> {
  const [first, ...moreAddresses] = said.addresses;
  const [address, bits] = first?.split('/') ?? [];
  return {
    ...(address === undefined ? {} : { address }),
    ...(bits === undefined ? {} : { prefixBits: Number(bits) }),
    moreAddresses,
    routes: said.routes,
  };
}

/** Not imported above: who needs no device needs neither the package nor its native part. */
function openDevice({ device, hostAddresses, mtuBytes }: Environment): Link {
  const require = createRequire(import.meta.url);
  const { TunLink } = require('@tcpstack/tun') as typeof import('@tcpstack/tun');
  const link = TunLink.open({
    ...device,
    ...(hostAddresses.length === 0 ? {} : { hostAddress: hostAddresses }),
    ...(mtuBytes === undefined ? {} : { mtuBytes }),
  });
  // Sockets and servers hold the process, as the kernel's do; the device by itself does not.
  return link.unref();
}
