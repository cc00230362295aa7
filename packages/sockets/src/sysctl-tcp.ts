/** `net.ipv4.tcp_*`, which like in Linux is for TCP over either family. */

import { CONGESTION_NAMES } from '@tcpstack/tcp/congestion';
import { EINVAL, ENOENT } from './errno.ts';
import { atLeast, onOff, parse, type SysctlRow, several, whole } from './sysctl-row.ts';

const UNSIGNED_MAX = 0xffff_ffff;
const BYTE = [0, 255] as const;
/** Linux counts the memory of all sockets in pages. */
const PAGE_BYTES = 4096;

/** Buffers, and what waits in them. */
const BUFFERS: readonly SysctlRow[] = [
  several('net.ipv4.tcp_rmem', ['receiveBufferMinBytes', 'receiveBufferBytes', 'receiveBufferMaxBytes'], 1, {
    linux: '4096 131072 6291456',
    does: 'Receive buffer, bytes: the least that SO_RCVBUF gives; of a new socket; the most to which it grows by itself.',
  }),
  several('net.ipv4.tcp_wmem', ['sendBufferMinBytes', 'sendBufferBytes', 'sendBufferMaxBytes'], 1, {
    linux: '4096 16384 4194304',
    does: 'Send buffer, bytes: the least that SO_SNDBUF gives; of a new socket; the most to which it grows by itself.',
  }),
  {
    name: 'net.ipv4.tcp_mem',
    settings: ['bufferMemoryMaxBytes'],
    linux: 'three shares of the memory',
    range: 'three numbers that are the same',
    does: 'While the buffers of all sockets hold so many pages of 4096 bytes, none grows by itself.',
    get: ({ bufferMemoryMaxBytes }) =>
      Array(3)
        .fill(Math.floor(bufferMemoryMaxBytes / PAGE_BYTES))
        .join('\t'),
    set: (settings, text) => {
      const [low = -1, pressure, high] = parse(text, 3);
      if (low < 0 || low !== pressure || low !== high) return -EINVAL;
      settings.bufferMemoryMaxBytes = low * PAGE_BYTES;
      return 0;
    },
  },
  onOff('net.ipv4.tcp_moderate_rcvbuf', 'receiveAutoTuning', {
    linux: '1',
    does: 'Receive buffers grow by themselves.',
  }),
  {
    name: 'net.ipv4.tcp_notsent_lowat',
    settings: ['notSentLowBytes'],
    linux: '4294967295',
    range: '0 to 4294967295',
    does: 'Bytes not sent from which on a socket is not writable, where TCP_NOTSENT_LOWAT is not set.',
    get: ({ notSentLowBytes }) => String(Math.min(notSentLowBytes, UNSIGNED_MAX)),
    set: (settings, text) => {
      const [value = -1] = parse(text, 1);
      if (value < 0 || value > UNSIGNED_MAX) return -EINVAL;
      settings.notSentLowBytes = value === UNSIGNED_MAX ? Infinity : value;
      return 0;
    },
  },
];

/** What is offered in a SYN. */
const OFFERS: readonly SysctlRow[] = [
  onOff('net.ipv4.tcp_timestamps', 'timestamps', {
    linux: '1',
    does: 'Timestamps (RFC 7323) are offered and accepted. A random offset for each connection is always on.',
  }),
  onOff('net.ipv4.tcp_sack', 'sack', {
    linux: '1',
    does: 'Selective acknowledgments (RFC 2018) are offered and accepted.',
  }),
  onOff('net.ipv4.tcp_dsack', 'dsack', { linux: '1', does: 'Duplicates are reported by D-SACK (RFC 2883).' }),
  onOff('net.ipv4.tcp_window_scaling', 'windowScaling', {
    linux: '1',
    does: 'Windows beyond 64 KiB (RFC 7323) are offered and accepted.',
  }),
  whole('net.ipv4.tcp_ecn', 'ecn', [0, 2], {
    linux: '2',
    does: 'Explicit congestion notification (RFC 3168): 0 never, 1 asked for and accepted, 2 accepted.',
  }),
  whole('net.ipv4.tcp_min_snd_mss', 'minSendMssBytes', [48, 65_535], {
    linux: '48',
    does: 'Least size of a segment that a peer may ask for.',
  }),
];

/** Retransmissions, keep-alives and the ends of connections. */
const PATIENCE: readonly SysctlRow[] = [
  whole('net.ipv4.tcp_syn_retries', 'synRetries', [1, 127], {
    linux: '6',
    does: 'Unanswered SYNs that are sent again, where TCP_SYNCNT is not set.',
  }),
  whole('net.ipv4.tcp_synack_retries', 'synAckRetries', BYTE, {
    linux: '5',
    does: 'Unanswered SYN-ACKs that are sent again.',
  }),
  whole('net.ipv4.tcp_retries1', 'reportedRetries', BYTE, {
    linux: '3',
    does: 'R1 of RFC 9293 §3.8.3: retransmissions of a segment after which the path is suspect.',
  }),
  whole('net.ipv4.tcp_retries2', 'dataRetries', BYTE, {
    linux: '15',
    does: 'R2 of RFC 9293 §3.8.3: retransmissions of a segment after which the connection ends.',
  }),
  whole('net.ipv4.tcp_orphan_retries', 'orphanRetries', BYTE, {
    linux: '0',
    does: 'The same without a descriptor: 0 is 8, and none once they are two minutes apart.',
  }),
  whole('net.ipv4.tcp_max_orphans', 'orphansMax', atLeast(0), {
    linux: 'a share of the memory',
    does: 'Connections without a descriptor; those beyond it are reset.',
  }),
  whole(
    'net.ipv4.tcp_keepalive_time',
    'keepIdleMs',
    atLeast(1),
    {
      linux: '7200',
      does: 'Seconds of silence before the first keep-alive, where TCP_KEEPIDLE is not set.',
    },
    1000,
  ),
  whole(
    'net.ipv4.tcp_keepalive_intvl',
    'keepIntervalMs',
    atLeast(1),
    {
      linux: '75',
      does: 'Seconds between keep-alives, where TCP_KEEPINTVL is not set.',
    },
    1000,
  ),
  whole('net.ipv4.tcp_keepalive_probes', 'keepProbes', [1, 255], {
    linux: '9',
    does: 'Unanswered keep-alives that end a connection, where TCP_KEEPCNT is not set.',
  }),
  whole(
    'net.ipv4.tcp_fin_timeout',
    'finTimeoutMs',
    atLeast(0),
    {
      linux: '60',
      does: 'Seconds in FIN-WAIT-2 after close(), where TCP_LINGER2 is not set.',
    },
    1000,
  ),
  whole('net.ipv4.tcp_max_tw_buckets', 'timeWaitsMax', atLeast(0), {
    linux: 'a share of the memory',
    does: 'Connections in TIME-WAIT; beyond it they end at once.',
  }),
  whole('net.ipv4.tcp_tw_reuse', 'timeWaitReuse', [0, 2], {
    linux: '2',
    does: 'connect() takes ports in TIME-WAIT (RFC 6191): 0 never, 1 always, 2 over loopback.',
  }),
  onOff('net.ipv4.tcp_rfc1337', 'rfc1337', { linux: '0', does: 'Resets do not end TIME-WAIT (RFC 1337).' }),
  whole('net.ipv4.tcp_syncookies', 'synCookies', [0, 2], {
    linux: '1',
    does: 'SYN cookies (RFC 4987): 0 never, 1 when a SYN queue is full, 2 always.',
  }),
  whole('net.ipv4.tcp_max_syn_backlog', 'maxSynBacklog', atLeast(0), {
    linux: 'a share of the memory',
    does: 'Without cookies the last quarter of so many places of a SYN queue is kept free.',
  }),
  whole('net.ipv4.tcp_fastopen', 'fastOpen', atLeast(0), {
    linux: '1',
    does: 'TCP Fast Open (RFC 7413): 1 as client, 2 as server, 4 client without a cookie, 512 server without one, 1024 every listener.',
  }),
  whole(
    'net.ipv4.tcp_fastopen_blackhole_timeout_sec',
    'fastOpenBlackHoleMs',
    atLeast(0),
    { linux: '0', does: 'How long no data rides on SYNs after it seems to be swallowed; 0 for no pause.' },
    1000,
  ),
  onOff('net.ipv4.tcp_abort_on_overflow', 'abortOnOverflow', {
    linux: '0',
    does: 'Where the accept queue is full, the third segment is answered by a reset, and not ignored.',
  }),
];

/** How fast is sent, and what is held for lost. */
const CONGESTION: readonly SysctlRow[] = [
  {
    name: 'net.ipv4.tcp_congestion_control',
    settings: ['congestion'],
    linux: 'cubic',
    range: CONGESTION_NAMES.join(', '),
    does: 'Congestion control of new sockets, where TCP_CONGESTION is not set. ENOENT for a name that there is not.',
    get: ({ congestion }) => congestion,
    set: (settings, text) => {
      const name = CONGESTION_NAMES.find((one) => one === text.trim());
      if (name === undefined) return -ENOENT;
      settings.congestion = name;
      return 0;
    },
  },
  {
    name: 'net.ipv4.tcp_available_congestion_control',
    settings: [],
    linux: 'reno cubic',
    range: 'only read',
    does: 'The names that there are.',
    get: () => CONGESTION_NAMES.join(' '),
    set: null,
  },
  {
    name: 'net.ipv4.tcp_recovery',
    settings: ['lossDetection'],
    linux: '1',
    range: '0 or 1',
    does: 'New connections infer loss from SACK by time (1: RACK-TLP, RFC 8985), or by what was sacked (0: RFC 6675).',
    get: ({ lossDetection }) => String(['sack', 'rack'].indexOf(lossDetection)),
    set: (settings, text) => {
      const [value] = parse(text, 1);
      if (value !== 0 && value !== 1) return -EINVAL;
      settings.lossDetection = value === 1 ? 'rack' : 'sack';
      return 0;
    },
  },
  {
    name: 'net.ipv4.tcp_early_retrans',
    settings: ['tailProbes'],
    linux: '3',
    range: '0 or 3',
    does: 'Tail loss probes (RFC 8985 §7) are sent: 3 yes, 0 no.',
    get: ({ tailProbes }) => (tailProbes ? '3' : '0'),
    set: (settings, text) => {
      const [value] = parse(text, 1);
      if (value !== 0 && value !== 3) return -EINVAL;
      settings.tailProbes = value === 3;
      return 0;
    },
  },
  {
    name: 'net.ipv4.tcp_frto',
    settings: ['fRto'],
    linux: '2',
    range: '0 to 2',
    does: 'Time-outs are doubted (F-RTO, RFC 5682): 0 no, 1 and 2 yes.',
    get: ({ fRto }) => (fRto ? '2' : '0'),
    set: (settings, text) => {
      const [value = -1] = parse(text, 1);
      if (value < 0 || value > 2) return -EINVAL;
      settings.fRto = value > 0;
      return 0;
    },
  },
  onOff('net.ipv4.tcp_slow_start_after_idle', 'slowStartAfterIdle', {
    linux: '1',
    does: 'cwnd shrinks after a pause (RFC 5681 §4.1).',
  }),
  whole(
    'net.ipv4.tcp_min_rtt_wlen',
    'minRttWindowMs',
    [0, 86_400],
    {
      linux: '300',
      does: 'Seconds for which the least round trip counts.',
    },
    1000,
  ),
];

/** Path MTU, and answers to strangers. */
const PATH: readonly SysctlRow[] = [
  whole('net.ipv4.tcp_mtu_probing', 'mtuProbing', [0, 2], {
    linux: '0',
    does: 'Probing for what paths carry (RFC 4821): 0 never, 1 once segments vanish, 2 always.',
  }),
  whole('net.ipv4.tcp_base_mss', 'mtuProbeBaseBytes', atLeast(48), {
    linux: '1024',
    does: 'Size of a segment at which that search begins.',
  }),
  whole('net.ipv4.tcp_mtu_probe_floor', 'mtuProbeFloorBytes', atLeast(48), {
    linux: '48',
    does: 'Size of a segment below which it does not go.',
  }),
  whole('net.ipv4.tcp_probe_threshold', 'mtuProbeThresholdBytes', atLeast(0), {
    linux: '8',
    does: 'It ends when less than so many bytes are left to be found.',
  }),
  whole(
    'net.ipv4.tcp_probe_interval',
    'mtuProbeIntervalMs',
    atLeast(0),
    {
      linux: '600',
      does: 'Seconds after which it begins anew.',
    },
    1000,
  ),
  whole('net.ipv4.tcp_challenge_ack_limit', 'challengeAcksPerSecond', atLeast(0), {
    linux: '2147483647',
    does: 'Challenge ACKs of all connections in a second, on average (RFC 5961 §7); 2147483647 for no limit.',
  }),
  whole('net.ipv4.tcp_invalid_ratelimit', 'challengeIntervalMs', atLeast(0), {
    linux: '500',
    does: 'Least milliseconds between answers of one connection to what may be forged.',
  }),
];

export const TCP_ROWS: readonly SysctlRow[] = [...BUFFERS, ...OFFERS, ...PATIENCE, ...CONGESTION, ...PATH];
