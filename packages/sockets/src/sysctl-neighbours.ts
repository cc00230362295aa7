/** `net.ipv4.neigh.default` and `net.ipv6.neigh.default`: times and limits of the neighbour caches of all interfaces. */

import { createNeighbourSettings, type NeighbourSettings } from '@tcpstack/ip/neighbour';
import { EINVAL } from './errno.ts';
import { INT_MAX, inUnits, parse, type SysctlRow } from './sysctl-row.ts';

type Family = 'neighboursIpv4' | 'neighboursIpv6';

interface Name {
  readonly name: string;
  readonly key: keyof NeighbourSettings;
  readonly min: number;
  /** What one of it is in the setting. */
  readonly unit: number;
  readonly does: string;
}

const SECOND_MS = 1000;

const NAMES: readonly Name[] = [
  {
    name: 'gc_thresh1',
    key: 'gcThreshold1',
    min: 0,
    unit: 1,
    does: 'Neighbours of an interface, with fewer of which none is forgotten.',
  },
  {
    name: 'gc_thresh2',
    key: 'gcThreshold2',
    min: 0,
    unit: 1,
    does: 'With so many, those that rested for 5 s are forgotten.',
  },
  { name: 'gc_thresh3', key: 'gcThreshold3', min: 0, unit: 1, does: 'There are never more.' },
  {
    name: 'gc_stale_time',
    key: 'gcStaleMs',
    min: 0,
    unit: SECOND_MS,
    does: 'Seconds for which nobody used a neighbour that is forgotten.',
  },
  {
    name: 'gc_interval',
    key: 'gcIntervalMs',
    min: 1,
    unit: SECOND_MS,
    does: 'Seconds after which they are looked for.',
  },
  {
    name: 'base_reachable_time_ms',
    key: 'baseReachableMs',
    min: 0,
    unit: 1,
    does: 'Who answered counts as reachable for half to one and a half of it, milliseconds (RFC 4861 §6.3.2).',
  },
  {
    name: 'delay_first_probe_time',
    key: 'delayFirstProbeMs',
    min: 0,
    unit: SECOND_MS,
    does: 'Seconds for which who rested may show that he hears us before he is asked.',
  },
  {
    name: 'retrans_time_ms',
    key: 'retransMs',
    min: 0,
    unit: 1,
    does: 'Milliseconds between two solicitations; 10 at least.',
  },
  {
    name: 'ucast_solicit',
    key: 'unicastSolicits',
    min: 1,
    unit: 1,
    does: 'Solicitations to who was known before he is given up.',
  },
  {
    name: 'mcast_solicit',
    key: 'multicastSolicits',
    min: 1,
    unit: 1,
    does: 'Solicitations to all before packets to who does not answer are given up.',
  },
  {
    name: 'unres_qlen_bytes',
    key: 'waitingMaxBytes',
    min: 0,
    unit: 1,
    does: 'Bytes of packets that wait for one neighbour.',
  },
];

/** Linux's `locktime` is of ARP only; it does not bound what waits for all neighbours together. */
const OTHERS: readonly Name[] = [
  { name: 'waitingTotalMaxBytes', key: 'waitingTotalMaxBytes', min: 0, unit: 1, does: '' },
  { name: 'lockMs', key: 'lockMs', min: 0, unit: 1, does: '' },
];

const FAMILIES = [
  { prefix: 'net.ipv4.neigh.default.', family: 'neighboursIpv4' },
  { prefix: 'net.ipv6.neigh.default.', family: 'neighboursIpv6' },
] as const;

export const NEIGHBOUR_ROWS: readonly SysctlRow[] = FAMILIES.flatMap(({ prefix, family }) =>
  rowsOf(prefix, family, NAMES),
);

/** Settings of theirs for which there is no such name. */
export const OTHER_NEIGHBOUR_ROWS: readonly SysctlRow[] = FAMILIES.flatMap(({ family }) =>
  rowsOf(`${family}.`, family, OTHERS),
);

function rowsOf(prefix: string, family: Family, names: readonly Name[]): SysctlRow[] {
  const defaults = createNeighbourSettings();
  return names.map(({ name, key, min, unit, does }) => ({
    name: prefix + name,
    settings: [`${family}.${key}`],
    linux: String(defaults[key] / unit),
    range: `${min} or more`,
    does,
    get: (settings) => inUnits(settings[family][key], unit),
    set: (settings, text) => {
      const [value] = parse(text, 1);
      if (value === undefined || value < min || value > INT_MAX) return -EINVAL;
      settings[family] = { ...settings[family], [key]: value * unit };
      return 0;
    },
  }));
}
