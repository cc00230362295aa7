/** One name of `sysctl`, and how rows of its table are made. */

import { EINVAL } from './errno.ts';
import type { MutableSettings, Settings } from './settings.ts';

/** One name. Values are text, as the kernel prints them. */
export interface SysctlRow {
  readonly name: string;
  /** Names of the settings that it is. */
  readonly settings: readonly string[];
  /** What Linux has by default, where that is no share of the machine. */
  readonly linux: string;
  /** What may be set. */
  readonly range: string;
  readonly does: string;
  get(settings: Settings): string;
  /** 0 or a negative errno; `null`: only read. */
  readonly set: ((settings: MutableSettings, text: string) => number) | null;
}

export const INT_MAX = 0x7fff_ffff;

type NamesOf<T> = { [K in keyof Settings]: Settings[K] extends T ? K : never }[keyof Settings];
/** Settings that are numbers, and those that are on or off. */
export type NumberSetting = NamesOf<number>;
export type FlagSetting = NamesOf<boolean>;

/** What a row says of itself besides its name. */
export interface Words {
  readonly linux: string;
  readonly does: string;
}

/** A whole number. `unit` is what one of it is in the setting: 1000 for seconds of milliseconds. */
export function whole(
  name: string,
  key: NumberSetting,
  [min, max]: readonly [min: number, max: number],
  { linux, does }: Words,
  unit = 1,
): SysctlRow {
  return {
    name,
    settings: [key],
    linux,
    range: max === INT_MAX ? `${min} or more` : `${min} to ${max}`,
    does,
    get: (settings) => inUnits(settings[key], unit),
    set: (settings, text) => {
      const [value] = parse(text, 1);
      if (value === undefined || value < min || value > max) return -EINVAL;
      (settings as Record<NumberSetting, number>)[key] = value * unit;
      return 0;
    },
  };
}

/** The text of a number, of which `unit` is one; a part of a unit does not count. */
export function inUnits(value: number, unit: number): string {
  return String(unit === 1 ? value : Math.floor(value / unit));
}

/** From `min` on, as far as an int goes. */
export function atLeast(min: number): readonly [number, number] {
  return [min, INT_MAX];
}

/** 1 is on, 0 is off. */
export function onOff(name: string, key: FlagSetting, { linux, does }: Words): SysctlRow {
  return {
    name,
    settings: [key],
    linux,
    range: '0 or 1',
    does,
    get: (settings) => (settings[key] ? '1' : '0'),
    set: (settings, text) => {
      const [value] = parse(text, 1);
      if (value !== 0 && value !== 1) return -EINVAL;
      settings[key] = value === 1;
      return 0;
    },
  };
}

/** Whole numbers in one line, in any order. */
export function several(name: string, keys: readonly NumberSetting[], min: number, { linux, does }: Words): SysctlRow {
  return {
    name,
    settings: keys,
    linux,
    range: `${keys.length} numbers from ${min} on`,
    does,
    get: (settings) => keys.map((key) => settings[key]).join('\t'),
    set: (settings, text) => {
      const values = parse(text, keys.length);
      if (values.length === 0 || !values.every((value) => value >= min && value <= INT_MAX)) return -EINVAL;
      keys.forEach((key, i) => {
        (settings as Record<NumberSetting, number>)[key] = values[i] as number;
      });
      return 0;
    },
  };
}

/** Exactly `count` whole numbers between blanks, decimal or after 0x; none of them when the text is anything else. */
export function parse(text: string, count: number): number[] {
  const words = text.trim().split(/\s+/);
  if (words.length !== count || !words.every((word) => /^-?(?:\d+|0x[\da-f]+)$/i.test(word))) return [];
  return words.map((word) => (word.startsWith('-') ? -Number(word.slice(1)) : Number(word)));
}
