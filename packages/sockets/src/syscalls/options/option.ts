/** What one socket option is: an entry of the table of its level. */

import type { Tcb } from '@tcpstack/tcp/tcb';
import { EINVAL } from '../../errno.ts';
import type { Kernel } from '../../kernel.ts';
import type { OptionValue } from '../../option-types.ts';
import type { OptionValues } from '../../option-values.ts';
import type { Settings } from '../../settings.ts';
import type { Socket } from '../../socket.ts';

/** One option. */
export interface SocketOption {
  /** What getsockopt() answers; a negative errno when it cannot. */
  get(socket: Socket, kernel: Kernel): OptionValue;
  /** Checks the value, a whole number, and keeps it in `socket.options`: 0 or a negative errno. `null`: only read. */
  readonly set: ((socket: Socket, value: number, kernel: Kernel) => number) | null;
  /** What `set` takes, for docs/options.md. */
  readonly range?: string;
  /** `set` for an option whose value is a text or a record; the others have none. */
  readonly setOther?: (socket: Socket, value: Exclude<OptionValue, number>, kernel: Kernel) => number;
  /**
   * Makes a connection do what the value says. Called for every new connection, and after each successful `set`;
   * `null` when the value is no concern of the connection.
   *
   * @param isOpen False before the first segment, when everything may still be chosen.
   * @param isIpv6 The connection is one of IPv6, whatever the socket's domain.
   */
  readonly apply: ((tcb: Tcb, values: OptionValues, isOpen: boolean, nowMs: number, isIpv6: boolean) => void) | null;
}

/** The options of one level by their number. */
export type OptionTable = ReadonlyMap<number, SocketOption>;

/** An option that can only be read. */
export function readOnly(get: SocketOption['get']): SocketOption {
  return { get, set: null, apply: null };
}

/** The values that are on or off. */
export type FlagName = { [K in keyof OptionValues]: OptionValues[K] extends boolean ? K : never }[keyof OptionValues];

/** An option that is on (any value but 0, read as 1) or off. */
export function flag(name: FlagName, apply: SocketOption['apply']): SocketOption {
  return {
    get: (socket) => (socket.options[name] ? 1 : 0),
    set: (socket, value) => {
      socket.options[name] = value !== 0;
      return 0;
    },
    range: 'on or off',
    apply,
  };
}

/** A flag that is one bit of `receives`. */
export function wish(bit: number): SocketOption {
  return {
    get: ({ options }) => ((options.receives & bit) === 0 ? 0 : 1),
    set: ({ options }, value) => {
      options.receives = value === 0 ? options.receives & ~bit : options.receives | bit;
      return 0;
    },
    range: 'on or off',
    apply: null,
  };
}

/** The values that are numbers. */
export type NumberName = { [K in keyof OptionValues]: OptionValues[K] extends number ? K : never }[keyof OptionValues];

/**
 * An option with a number between `min` and `max`; EINVAL for others.
 *
 * @param setting What is read while nothing was set, which 0 stands for.
 */
export function ranged(
  name: NumberName,
  min: number,
  max: number,
  apply: SocketOption['apply'],
  setting: (settings: Settings) => number = () => 0,
): SocketOption {
  return {
    get: (socket, { settings }) => socket.options[name] || setting(settings),
    set: (socket, value) => {
      if (value < min || value > max) return -EINVAL;
      socket.options[name] = value;
      return 0;
    },
    range: `${min} to ${max}`,
    apply,
  };
}
