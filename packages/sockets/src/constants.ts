/** Constants of the socket calls, with Linux's values. */

export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

export const POLLIN = 0x001;
/** Urgent data is ahead, or at hand. */
export const POLLPRI = 0x002;
export const POLLOUT = 0x004;
export const POLLERR = 0x008;
export const POLLHUP = 0x010;
export const POLLNVAL = 0x020;
export const POLLRDHUP = 0x2000;

export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_TYPE = 3;
export const SO_ERROR = 4;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_KEEPALIVE = 9;
/** The last byte of urgent data stays in the stream. */
export const SO_OOBINLINE = 10;
/** Value in seconds; -1 is off, 0 resets the connection on close. */
export const SO_LINGER = 13;
export const SO_ACCEPTCONN = 30;

/** Bytes a second at which payload is sent at most; 0xffffffff (or -1) is no limit. */
export const SO_MAX_PACING_RATE = 47;

export const IPPROTO_IP = 0;
/** `recverr()` has something to tell; off by default. */
export const IP_RECVERR = 11;
/** The Diffserv field of what is sent, 0 to 255; the two low bits, which are ECN's, read as 0. */
export const IP_TOS = 1;
/** Time to live of what is sent, 1 to 255; -1 is the default. */
export const IP_TTL = 2;
/** Read only: the byte of Diffserv and ECN bits that came with the last segment; 0 before the first. */
export const IP_PKTOPTIONS = 9;

export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const TCP_MAXSEG = 2;
/** Only full segments leave while it is on, or what has waited for 200 ms. */
export const TCP_CORK = 3;
/** Of a connection: ACKs are not delayed. Not lasting, as in Linux. */
export const TCP_QUICKACK = 12;
/** The name of the congestion control, as a string: 'reno', 'cubic', 'bbr' or 'none'. */
export const TCP_CONGESTION = 13;
/** Seconds of silence before the first keep-alive. */
export const TCP_KEEPIDLE = 4;
/** Seconds between keep-alives that nobody answers. */
export const TCP_KEEPINTVL = 5;
/** Keep-alives that nobody answers, after which the connection ends. */
export const TCP_KEEPCNT = 6;
/** Unanswered SYNs that are sent again. */
export const TCP_SYNCNT = 7;
/** Milliseconds that data may wait for the peer; 0 leaves it to the stack. */
export const TCP_USER_TIMEOUT = 18;

export const SOCK_STREAM = 1;

/**
 * The last byte sent is urgent; read the byte that the peer sent so. "new applications SHOULD NOT employ the TCP urgent
 * mechanism" — RFC 9293 §3.8.5 [SHLD-13].
 */
export const MSG_OOB = 0x1;
/** What is read stays. */
export const MSG_PEEK = 0x2;
/** No call of ours blocks, and none raises a signal. */
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;

/** Bytes written that the peer has not acknowledged. */
export const SIOCOUTQ = 0x5411;
/** Bytes that can be read, up to the mark of urgent data. */
export const FIONREAD = 0x541b;
/** 1 when what is read next stands behind the mark of urgent data, else 0. */
export const SIOCATMARK = 0x8905;
