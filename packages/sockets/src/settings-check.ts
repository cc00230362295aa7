/** Whether the settings that a Host is made with are such that sysctl would take them. */

import { type Settings, settingsFrom } from './settings.ts';
import { SYSCTL_ROWS } from './sysctl.ts';
import { OTHER_NEIGHBOUR_ROWS } from './sysctl-neighbours.ts';
import { atLeast, whole } from './sysctl-row.ts';

/** Numbers for which there is no such name. */
const OTHER_NUMBERS = (['descriptorsMax', 'halfOpenMax', 'timeWaitMs'] as const).map((key) =>
  whole(key, key, atLeast(0), { linux: '', does: '' }),
);
const ROWS = [...SYSCTL_ROWS, ...OTHER_NUMBERS, ...OTHER_NEIGHBOUR_ROWS];

/** Throws `RangeError`, which names the setting: for one of another type than the default, and for one out of range. */
export function checkSettings(settings: Settings): void {
  checkTypes('', settings, settingsFrom({}));
  const copy = { ...settings };
  for (const { name, set, get, settings: names, range } of ROWS) {
    const text = get(settings);
    if ((set?.(copy, text) ?? 0) < 0) {
      throw new RangeError(`the setting ${names.join(', ')} is out of range: ${name} must be ${range}, not ${text}`);
    }
  }
}

/** All that `defaults` has, `values` has of the same type. */
function checkTypes(prefix: string, values: object, defaults: object): void {
  for (const [name, byDefault] of Object.entries(defaults)) {
    const value: unknown = values[name as keyof typeof values];
    const type = typeof byDefault;
    if (typeof value !== type || value === null) {
      throw new RangeError(`the setting ${prefix}${name} must be of type ${type}, not ${String(value)}`);
    }
    if (typeof value === 'object') checkTypes(`${prefix}${name}.`, value, byDefault);
  }
}
