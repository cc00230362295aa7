/** Whether the settings that a Host is made with are such that sysctl would take them. */

import { type Settings, settingsFrom } from './settings.ts';
import { SYSCTL_ROWS } from './sysctl.ts';
import { atLeast, whole } from './sysctl-row.ts';

type Name = keyof Settings;

/** Numbers for which Linux has no such name. */
const OTHER_NUMBERS = (['descriptorsMax', 'halfOpenMax', 'timeWaitMs'] as const).map((key) =>
  whole(key, key, atLeast(0), { linux: '', does: '' }),
);
const ROWS = [...SYSCTL_ROWS, ...OTHER_NUMBERS];

/** Throws `RangeError`, which names the setting: for one of another type than the default, and for one out of range. */
export function checkSettings(settings: Settings): void {
  const defaults = settingsFrom({});
  for (const name of Object.keys(defaults) as Name[]) {
    const type = typeof defaults[name];
    if (typeof settings[name] !== type || settings[name] === null) refuse(settings, [name], `of type ${type}`);
  }
  const copy = { ...settings };
  for (const { set, get, settings: names, range } of ROWS) {
    if ((set?.(copy, get(settings)) ?? 0) < 0) refuse(settings, names, range);
  }
}

function refuse(settings: Settings, names: readonly Name[], range: string): never {
  const values = names.map((name) => String(settings[name])).join(', ');
  throw new RangeError(`the setting ${names.join(', ')} must be ${range}, not ${values}`);
}
