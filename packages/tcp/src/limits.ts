/** Every default and bound of the TCP engine, each with its source. */

/**
 * "TCP implementations MUST assume a default send MSS of 536 (576 - 40) for IPv4 or 1220 (1280 - 60) for IPv6"
 * — RFC 9293 §3.7.1 [MUST-15].
 */
export const DEFAULT_SEND_MSS_BYTES = 536;
export const DEFAULT_SEND_MSS_IPV6_BYTES = 1220;
/** Time to live of what we send until the user says otherwise; Linux's `ip_default_ttl`. */
export const DEFAULT_TTL_HOPS = 64;
/** Smallest MSS that we let a peer talk us into; Linux's `tcp_min_snd_mss`. */
export const MIN_SEND_MSS_BYTES = 48;
/** "the maximum scale exponent is limited to 14" — RFC 7323 §2.3. */
export const MAX_WINDOW_SCALE = 14;

/** RTO before the first measurement (RFC 6298 §2.1). */
export const INITIAL_RTO_MS = 1000;
/** RTO after a handshake whose segment was sent again, while nothing was measured (RFC 6298 §5.7). */
export const RTO_AFTER_LOST_SYN_MS = 3000;
/** Deviation: RFC 6298 §2.4 says 1 s; Linux uses 200 ms (`TCP_RTO_MIN`), and peers are tuned to it. */
export const MIN_RTO_MS = 200;
/** How long the least round trip is remembered; Linux's `tcp_min_rtt_wlen`. */
export const MIN_RTT_WINDOW_MS = 300_000;
/** RFC 6298 §2.5 asks for at least 60 s; Linux's `TCP_RTO_MAX`. */
export const MAX_RTO_MS = 120_000;

/**
 * Unanswered SYNs resent before `ETIMEDOUT`, which is after 247 s: "R2 for a SYN segment MUST be set large enough to
 * provide retransmission of the segment for at least 3 minutes" — RFC 9293 §3.8.3 [MUST-23].
 * Deviation: Linux's `tcp_syn_retries` is 6, which is 127 s.
 */
export const SYN_RETRIES = 7;
/** Unanswered SYN-ACKs resent before the half-open entry goes; Linux's `tcp_synack_retries`. */
export const SYN_ACK_RETRIES = 5;
/**
 * Unanswered retransmissions or window probes before `ETIMEDOUT`; Linux's `tcp_retries2`, more than 15 minutes: "The value
 * of R2 SHOULD correspond to at least 100 seconds" — RFC 9293 §3.8.3 [SHLD-11].
 */
export const DATA_RETRIES = 15;

/**
 * Retransmissions of one segment that are worth a report to the user; Linux's `tcp_retries1`: "The value of R1 SHOULD
 * correspond to at least 3 retransmissions, at the current RTO" — RFC 9293 §3.8.3 [SHLD-10].
 */
export const REPORTED_RETRIES = 3;
/** Error reports that wait for a user who does not fetch them; later ones are dropped and counted. */
export const ERROR_REPORTS_MAX = 16;
/** Keep-alives: silence before the first probe; "MUST default to no less than two hours" — RFC 9293 §3.8.4 [MUST-28]. */
export const KEEP_ALIVE_IDLE_MS = 7_200_000;
/** Time between unanswered probes; Linux's `tcp_keepalive_intvl`. */
export const KEEP_ALIVE_INTERVAL_MS = 75_000;
/** Unanswered probes that end the connection; Linux's `tcp_keepalive_probes`. */
export const KEEP_ALIVE_PROBES = 9;

/** Time-outs of one segment after which its size is suspected; Linux's `tcp_retries1`. */
export const BLACK_HOLE_RETRIES = 3;
/** Where the search for what a path carries begins; Linux's `tcp_base_mss`. */
export const MTU_PROBE_BASE_BYTES = 1024;
/**
 * The least segment that a suspected black hole leads to, options included: what every host of the internet must take
 * (RFC 9293 §3.7.1). Linux goes down to 48 bytes, and heavy loss looks like a black hole.
 */
export const MTU_PROBE_FLOOR_BYTES = 536;
/** A search ends when this little is left to be found; Linux's `tcp_probe_threshold`. */
export const MTU_PROBE_THRESHOLD_BYTES = 8;
/** No probe while the window has fewer segments; Linux's `tcp_mtu_probe`. */
export const MTU_PROBE_CWND_SEGMENTS = 11;
/** How long a search that ended stays so; Linux's `tcp_probe_interval`. */
export const MTU_PROBE_INTERVAL_MS = 600_000;

/** How long TIME-WAIT lasts; Linux's `TCP_TIMEWAIT_LEN`. RFC 9293 §3.4.2 sets an MSL of 2 minutes. */
export const TIME_WAIT_MS = 60_000;
/** Connections of one Host in TIME-WAIT: those beyond it end at once. Linux's `tcp_max_tw_buckets` on a machine with much memory. */
export const TIME_WAITS_MAX = 262_144;
/** How long a connection without an owner waits for the peer's FIN; Linux's `tcp_fin_timeout`. */
export const FIN_WAIT_2_ORPHAN_MS = 60_000;
/** Unanswered retransmissions that end a connection without an owner; what Linux takes a `tcp_orphan_retries` of 0 for. */
export const ORPHAN_RETRIES = 8;
/** Connections of one Host without an owner: those beyond it are reset. Linux's `tcp_max_orphans` on a machine with much memory. */
export const ORPHANS_MAX = 262_144;

/** Silence after which a connection forgets what it measured in rounds that are over. Ours, for memory: no RTO is as long. */
export const REST_AFTER_MS = 10_000;

/** Longest that `TCP_CORK` keeps bytes back that it alone keeps back; Linux's tcp(7). */
export const CORK_MS = 200;

/** Longest wait of a delayed ACK; Linux's `TCP_DELACK_MIN`. RFC 9293 §3.8.6.3 allows 500 ms [MUST-40]. */
export const DELAYED_ACK_MS = 40;
/** How long the ACK of the handshake waits for data with TCP_DEFER_ACCEPT; Linux's `TCP_DELACK_MAX`. */
export const DEFERRED_ACK_MS = 200;
/** Segments at the start that are acknowledged at once, so that the peer's slow start is not held up. */
export const QUICK_ACKS = 16;

/** RFC 6928: an initial window of ten segments. */
export const INITIAL_CWND_SEGMENTS = 10;
/** Duplicate ACKs, or segments sacked above a hole, that mean loss (RFC 5681 §3.2). */
export const DUP_ACK_THRESHOLD = 3;
/** cwnd never grows past this: the largest window that RFC 7323 can offer. */
export const MAX_CWND_BYTES = 1 << 30;

/** How far CUBIC cuts the window at congestion (RFC 9438 §4.6). */
export const CUBIC_BETA = 0.7;
/** How steep CUBIC's curve is, in segments per cubic second (RFC 9438 §5.1). */
export const CUBIC_C = 0.4;

/** Bounds of the growth of a round trip that ends slow start (RFC 9406 §4.3). */
export const HYSTART_MIN_RTT_THRESH_MS = 4;
export const HYSTART_MAX_RTT_THRESH_MS = 16;
/** Between them, the growth is this part of the round trip (RFC 9406 §4.3). */
export const HYSTART_MIN_RTT_DIVISOR = 8;
/** Measurements that a round needs before it is judged (RFC 9406 §4.3). */
export const HYSTART_RTT_SAMPLES = 8;
/** How much slower conservative slow start grows, and for how many rounds (RFC 9406 §4.3). */
export const HYSTART_CSS_GROWTH_DIVISOR = 4;
export const HYSTART_CSS_ROUNDS = 5;

/** Gains of BBR's pace that double it each round in Startup, and that drain the queue of Startup (draft §2.5). */
export const BBR_STARTUP_PACING_GAIN = 2.77;
export const BBR_DRAIN_PACING_GAIN = 0.5;
/** BBR keeps so many bandwidth-delay products in flight, so many in ProbeRTT (draft §2.6, §2.16). */
export const BBR_CWND_GAIN = 2;
export const BBR_PROBE_RTT_CWND_GAIN = 0.5;
/** Part of its estimate below which BBR paces, so that queues drain (draft §2.5). */
export const BBR_PACING_MARGIN = 0.01;
/** Losses in a round trip beyond which BBR holds that too much was in flight (draft §2.8). */
export const BBR_LOSS_THRESH = 0.02;
/** BBR's answer to losses in a round trip (draft §2.8). */
export const BBR_BETA = 0.7;
/** What BBR leaves to others of what it holds for the most that fits (draft §2.8). */
export const BBR_HEADROOM = 0.15;
/** Least segments in flight: a peer may acknowledge only every second one (draft §2.8). */
export const BBR_MIN_PIPE_SEGMENTS = 4;
/** Round trips over which BBR remembers how much ACKs were merged (draft §2.12). */
export const BBR_EXTRA_ACKED_ROUNDS = 10;
/** Growth of the rate that says that the path has more, and rounds without it that say that it has not (draft §5.3.1.2). */
export const BBR_FULL_BW_GROWTH = 1.25;
export const BBR_FULL_BW_ROUNDS = 3;
/** ACKs that tell of losses in one round of Startup, from which on they count (draft §5.3.1.3). */
export const BBR_FULL_LOSS_EVENTS = 6;
/** BBR's least round trip is trusted so long; then ProbeRTT looks for a new one, for so long (draft §2.16). */
export const BBR_MIN_RTT_FILTER_MS = 10_000;
export const BBR_PROBE_RTT_MS = 200;
/** Time between probes for bandwidth: 2 to 3 s, or 62 to 63 round trips if these are less (draft §5.3.3.8). */
export const BBR_PROBE_WAIT_MS = 2000;
export const BBR_PROBE_WAIT_RANDOM_MS = 1000;
export const BBR_PROBE_ROUNDS_MAX = 63;
/** Largest amount that is handed on at once (draft §5.6.3). */
export const BBR_SEND_QUANTUM_MAX_BYTES = 65_536;
/** No path is faster: 8 Tbit/s. A sample taken within a tick of the clock may say anything. */
export const BBR_MAX_BW_BYTES_PER_MS = 1e9;

/** Holes tracked in the received stream; data that would open one more is dropped and counted. */
export const REASSEMBLY_RANGES_MAX = 512;
/** Segments of one connection whose fate is tracked; beyond that, neighbours share an entry, which is only slower. */
export const SENT_LOG_ENTRIES_MAX = 16_384;

/** The longest that a peer is expected to delay the ACK of a single segment: WCDelAckT of RFC 8985 §7.2. */
export const TAIL_PROBE_ACK_DELAY_MS = 200;
/**
 * Least wait of a tail loss probe beyond two round trips. Linux has two ticks (`TCP_TIMEOUT_MIN`: 2 to 20 ms); programs
 * like ours pause for collections of garbage that are longer than a round trip on one machine.
 */
export const TAIL_PROBE_FLOOR_MS = 10;

/** A paced connection sends this much time's worth at once: timers are not much finer. Linux's `sk_pacing_shift`. */
export const PACING_QUANTUM_MS = 1;
/** How much lateness of a timer a paced connection may make up for. */
export const PACING_LATE_MS = 2;

/** Least time between challenge ACKs of one connection; Linux's `tcp_invalid_ratelimit`. */
export const CHALLENGE_ACK_INTERVAL_MS = 500;

/** Challenge ACKs that a Host sends in a second on average; Linux's `tcp_challenge_ack_limit` from 2016 to 2022. */
export const CHALLENGE_ACKS_PER_SECOND = 1000;

/** Default send and receive buffers of a connection. */
export const DEFAULT_SEND_BUFFER_BYTES = 1024 * 1024;
export const DEFAULT_RECEIVE_BUFFER_BYTES = 1024 * 1024;
/** A ring begins to borrow with a text of this size: below it, the copy costs no more than keeping account of a loan. */
export const LOAN_BYTES_MIN = 16 * 1024;
/**
 * A receive buffer grows up to this by itself, and the window scale that we offer is chosen for it. Linux stops at a
 * buffer of 6 MiB (`tcp_rmem[2]`), of which it offers a part; ours is offered whole.
 */
export const MAX_RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024;
/** A send buffer grows up to this by itself; Linux's `tcp_wmem[2]`. */
export const MAX_SEND_BUFFER_BYTES = 4 * 1024 * 1024;
/** Memory of all buffers of one Host at which none grows any more; Linux's `tcp_mem` is a share of what there is. */
export const MAX_BUFFER_MEMORY_BYTES = 256 * 1024 * 1024;
/** Room beyond twice what the user took in a round trip, for the jitter of small flows; as Linux has it. */
export const TUNE_SLACK_SEGMENTS = 16;
/**
 * On shorter paths buffers stay as they begin, which is room for 8 Gbit/s and more: what seems to be a round trip there
 * is a turn of the program's loop, and a queue that no cache holds makes bulk slower.
 */
export const TUNE_RTT_MIN_MS = 1;
/** Least length of a round of measurement: a program takes bytes in bursts, one a turn of its loop. */
export const TUNE_ROUND_MIN_MS = 10;
/** How long the least round trip counts; Linux's `tcp_min_rtt_wlen`. */
export const TUNE_RTT_WINDOW_MS = 300_000;
/** An echoed timestamp of a clock that ticks each millisecond is worth something from two ticks on. */
export const TUNE_ECHO_MIN_MS = 2;

/** The most that a duplicate `tsVal` may lie idle before it is not trusted: 24 days (RFC 7323 §5.5). */
export const TS_RECENT_STALE_MS = 24 * 24 * 3600 * 1000;
