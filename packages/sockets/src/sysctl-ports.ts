/** `net.ipv4.ip_local_*`: the ports that the Host chooses. */

import { parsePorts } from './ephemeral-ports.ts';
import { EINVAL } from './errno.ts';
import { parse, type SysctlRow } from './sysctl-row.ts';

const PORT_MAX = 65_535;

export const PORT_ROWS: readonly SysctlRow[] = [
  {
    name: 'net.ipv4.ip_local_port_range',
    settings: ['localPortRange'],
    linux: '32768 60999',
    range: `two ports of 1 to ${PORT_MAX}, the first not larger`,
    does: 'Ports that connect() and bind() choose from for who names none.',
    get: ({ localPortRange }) => localPortRange.join('\t'),
    set: (settings, text) => {
      const [min, max] = parse(text, 2);
      if (min === undefined || max === undefined || min < 1 || min > max || max > PORT_MAX) return -EINVAL;
      settings.localPortRange = [min, max];
      return 0;
    },
  },
  {
    name: 'net.ipv4.ip_local_reserved_ports',
    settings: ['localReservedPorts'],
    linux: 'none',
    range: 'ports and ranges, as 8080,9000-9010',
    does: 'Ports of that range that are not chosen; who names one gets it.',
    get: ({ localReservedPorts }) => localReservedPorts,
    set: (settings, text) => {
      if (parsePorts(text.trim()) === null) return -EINVAL;
      settings.localReservedPorts = text.trim();
      return 0;
    },
  },
];
