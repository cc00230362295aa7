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
/** Said together with POLLIN and POLLOUT, where they are asked for; nothing of ours has a band. */
export const POLLRDNORM = 0x040;
export const POLLRDBAND = 0x080;
export const POLLWRNORM = 0x100;
export const POLLWRBAND = 0x200;
export const POLLRDHUP = 0x2000;

export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;
/** Same as `O_CLOEXEC`. */
export const EPOLL_CLOEXEC = 0x8_0000;
export const EPOLLIN = POLLIN;
export const EPOLLPRI = POLLPRI;
export const EPOLLOUT = POLLOUT;
export const EPOLLERR = POLLERR;
export const EPOLLHUP = POLLHUP;
export const EPOLLRDNORM = POLLRDNORM;
export const EPOLLRDBAND = POLLRDBAND;
export const EPOLLWRNORM = POLLWRNORM;
export const EPOLLWRBAND = POLLWRBAND;
export const EPOLLRDHUP = POLLRDHUP;
/** Where several instances watch one file, one of those that wait is enough. */
export const EPOLLEXCLUSIVE = 1 << 28;
/** Taken and without effect: nothing here sleeps. */
export const EPOLLWAKEUP = 1 << 29;
/** Told once; then EPOLL_CTL_MOD switches it on again. */
export const EPOLLONESHOT = 1 << 30;
/** Told after each change, and not for as long as it is so. Negative, as an int32. */
export const EPOLLET = 1 << 31;

export const F_DUPFD = 0;
export const F_GETFD = 1;
export const F_SETFD = 2;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const F_DUPFD_CLOEXEC = 1030;
export const FD_CLOEXEC = 1;
export const O_RDWR = 0x2;
export const O_APPEND = 0x400;
/** Kept; no call of the core waits anyway, and the waiting ones of the runtime heed it. */
export const O_NONBLOCK = 0x800;
export const O_ASYNC = 0x2000;
export const O_DIRECT = 0x4000;
export const O_CLOEXEC = 0x8_0000;

export const SOL_SOCKET = 1;
/** A port whose old connections are still closing may be bound. */
export const SO_REUSEADDR = 2;
/** Read only: SOCK_STREAM. */
export const SO_TYPE = 3;
/** Datagrams may go to broadcast addresses. */
export const SO_BROADCAST = 6;
/** Read only: the error that waits, as a positive errno, which is thereby told. */
export const SO_ERROR = 4;
/** Bytes that may wait to be sent or acknowledged. Set, it does not grow by itself any more. */
export const SO_SNDBUF = 7;
/** Bytes that may wait to be read, which the window offers. Set, it does not grow by itself any more. */
export const SO_RCVBUF = 8;
/** An idle peer is asked now and then whether it is still there (RFC 9293 §3.8.4). */
export const SO_KEEPALIVE = 9;
/** The last byte of urgent data stays in the stream. */
export const SO_OOBINLINE = 10;
/** `{ onoff, linger }`: with 0 seconds close() resets the connection. */
export const SO_LINGER = 13;
/** Several sockets, all of which say so, may listen on one port; connections are spread over them. */
export const SO_REUSEPORT = 15;
/** Bytes that must wait before the socket is readable. */
export const SO_RCVLOWAT = 18;
/** Read only: always 1. */
export const SO_SNDLOWAT = 19;
/** `{ sec, usec }`: how long a call that blocks waits at most for something to read; zeros for ever. */
export const SO_RCVTIMEO = 20;
/** The same of calls that wait for room to write, and of connect(). */
export const SO_SNDTIMEO = 21;
/** Name of the only interface that is used; '' for any. */
export const SO_BINDTODEVICE = 25;
/** Read only: 1 of a listener, else 0. */
export const SO_ACCEPTCONN = 30;
/** Like SO_SNDBUF, beyond `net.core.wmem_max`. */
export const SO_SNDBUFFORCE = 32;
/** Like SO_RCVBUF, beyond `net.core.rmem_max`. */
export const SO_RCVBUFFORCE = 33;
/** Read only: IPPROTO_TCP. */
export const SO_PROTOCOL = 38;
/** Read only: AF_INET or AF_INET6. */
export const SO_DOMAIN = 39;
/** Bytes a second at which payload is sent at most; 0xffffffff (or -1) is no limit. */
export const SO_MAX_PACING_RATE = 47;

export const IPPROTO_IP = 0;
/** The Diffserv field of what is sent, 0 to 255; the two low bits, which are ECN's, read as 0. */
export const IP_TOS = 1;
/** Time to live of what is sent, 1 to 255; -1 is the default. */
export const IP_TTL = 2;
/** recvmsg() tells of each datagram whom it was for and where it came in; sent, it says where one leaves, and its source. */
export const IP_PKTINFO = 8;
/** Read only: the byte of Diffserv and ECN bits that came with the last segment; 0 before the first. */
export const IP_PKTOPTIONS = 9;
/** `IP_PMTUDISC_*`: with WANT and DO routers may not split; with DONT, INTERFACE, OMIT nothing is resent for being too big. */
export const IP_MTU_DISCOVER = 10;
/** `recverr()` has something to tell; off by default. */
export const IP_RECVERR = 11;
/** recvmsg() tells of each datagram its time to live, as IP_TTL. */
export const IP_RECVTTL = 12;
/** recvmsg() tells of each datagram its TOS byte, as IP_TOS. */
export const IP_RECVTOS = 13;
/** Read only: the path MTU of a connection. */
export const IP_MTU = 14;

/** Where datagrams to groups leave, and the source of theirs. */
export const IP_MULTICAST_IF = 32;
/** Time to live of datagrams to groups, 1 by default: they stay on the link. */
export const IP_MULTICAST_TTL = 33;
/** Sockets here hear what this one sends to groups. */
export const IP_MULTICAST_LOOP = 34;
/** Hear a group on an interface. */
export const IP_ADD_MEMBERSHIP = 35;
/** Hear it no more. */
export const IP_DROP_MEMBERSHIP = 36;
/** Hear also groups that other sockets joined. */
export const IP_MULTICAST_ALL = 49;

export const IP_PMTUDISC_DONT = 0;
/** The default. */
export const IP_PMTUDISC_WANT = 1;
export const IP_PMTUDISC_DO = 2;
export const IP_PMTUDISC_PROBE = 3;
export const IP_PMTUDISC_INTERFACE = 4;
export const IP_PMTUDISC_OMIT = 5;

export const IPPROTO_IPV6 = 41;
/** Hop limit of what is sent, 0 to 255; -1 is the default. */
export const IPV6_UNICAST_HOPS = 16;
/** Index of the interface by which datagrams to groups leave; 0: the first one. */
export const IPV6_MULTICAST_IF = 17;
/** Like IP_MULTICAST_TTL. */
export const IPV6_MULTICAST_HOPS = 18;
/** Like IP_MULTICAST_LOOP, also of what a socket of IPv6 sends to groups of IPv4. */
export const IPV6_MULTICAST_LOOP = 19;
/** Like IP_ADD_MEMBERSHIP. */
export const IPV6_JOIN_GROUP = 20;
/** Like IP_DROP_MEMBERSHIP. */
export const IPV6_LEAVE_GROUP = 21;
/** The same of IPv6, where no router splits: INTERFACE and OMIT believe no router that says that a packet was too big. */
export const IPV6_MTU_DISCOVER = 23;
/** The path MTU of a connection. */
export const IPV6_MTU = 24;
/** Like IP_RECVERR. */
export const IPV6_RECVERR = 25;
/** IPv4 is left to others; before bind() only. */
export const IPV6_V6ONLY = 26;
/** Like IP_MULTICAST_ALL. */
export const IPV6_MULTICAST_ALL = 29;
/** Like IP_PKTINFO; the control message is IPV6_PKTINFO. */
export const IPV6_RECVPKTINFO = 49;
/** A control message only: whom a datagram was for and where it came in, or its source and where it leaves. */
export const IPV6_PKTINFO = 50;
/** recvmsg() tells of each datagram its hop limit, as IPV6_HOPLIMIT. */
export const IPV6_RECVHOPLIMIT = 51;
/** A control message only: a datagram's hop limit. */
export const IPV6_HOPLIMIT = 52;
/** recvmsg() tells of each datagram its traffic class, as IPV6_TCLASS. */
export const IPV6_RECVTCLASS = 66;
/** Traffic class of what is sent, 0 to 255; the two low bits, which are ECN's, read as 0; -1 is 0. */
export const IPV6_TCLASS = 67;

export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
/** What is sent while it is on is one datagram, which leaves when it is off. */
export const UDP_CORK = 1;
/** Small segments do not wait for the ACK of earlier ones. */
export const TCP_NODELAY = 1;
/** Payload of one segment at most, both ways; of a connection, what it is now. */
export const TCP_MAXSEG = 2;
/** Only full segments leave while it is on, or what has waited for 200 ms. */
export const TCP_CORK = 3;
/** Seconds of silence before the first keep-alive. */
export const TCP_KEEPIDLE = 4;
/** Seconds between keep-alives that nobody answers. */
export const TCP_KEEPINTVL = 5;
/** Keep-alives that nobody answers, after which the connection ends. */
export const TCP_KEEPCNT = 6;
/** Unanswered SYNs that are sent again. */
export const TCP_SYNCNT = 7;
/** Seconds in FIN-WAIT-2 after close(); 0 as `net.ipv4.tcp_fin_timeout` says, below 0 none. */
export const TCP_LINGER2 = 8;
/** Seconds for which a listener keeps a connection from accept() while its peer has sent nothing. */
export const TCP_DEFER_ACCEPT = 9;
/** The window that is offered is never larger; 0 for no limit. */
export const TCP_WINDOW_CLAMP = 10;
/** Read only: the connection's numbers, as a record. */
export const TCP_INFO = 11;
/** Of a connection: ACKs are not delayed. Not lasting, as in Linux. */
export const TCP_QUICKACK = 12;
/** The name of the congestion control, as a string: 'reno', 'cubic', 'bbr' or 'none'. */
export const TCP_CONGESTION = 13;
/** Milliseconds that data may wait for the peer; 0 leaves it to the stack. */
export const TCP_USER_TIMEOUT = 18;
/** Connections by TCP Fast Open that a listener takes before their handshake is complete. */
export const TCP_FASTOPEN = 23;
/** The socket is writable only while fewer bytes than this wait to be sent for the first time. */
export const TCP_NOTSENT_LOWAT = 25;
/** connect() returns at once, and the SYN carries what is written first. */
export const TCP_FASTOPEN_CONNECT = 30;
/** TCP Fast Open without a cookie, for networks that are trusted. */
export const TCP_FASTOPEN_NO_COOKIE = 34;

export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_INET6 = 10;

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
/** In the type of socket(), and in the flags of accept4(). */
export const SOCK_NONBLOCK = O_NONBLOCK;
export const SOCK_CLOEXEC = O_CLOEXEC;

/**
 * The last byte sent is urgent; read the byte that the peer sent so. "new applications SHOULD NOT employ the TCP urgent
 * mechanism" — RFC 9293 §3.8.5 [SHLD-13].
 */
export const MSG_OOB = 0x1;
/** What is read stays. */
export const MSG_PEEK = 0x2;
/** A datagram is not sent: its way is looked for alone. */
export const MSG_PROBE = 0x10;
/** On a stream what is received is discarded instead of copied; in flags that come back, that there was no room. */
export const MSG_TRUNC = 0x20;
/** No call of ours blocks, and none raises a signal. */
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
/** Of a call that waits: for all that was asked for. One that does not gives what is there. */
export const MSG_WAITALL = 0x100;
/** The oldest error report instead of bytes. */
export const MSG_ERRQUEUE = 0x2000;
/** More will follow at once: like TCP_CORK, for this call. */
export const MSG_MORE = 0x8000;
/** Of sendto() on a fresh socket: it connects, and the bytes ride on the SYN where a cookie of the server is known. */
export const MSG_FASTOPEN = 0x2000_0000;

export const SO_EE_ORIGIN_NONE = 0;
export const SO_EE_ORIGIN_LOCAL = 1;
export const SO_EE_ORIGIN_ICMP = 2;
export const SO_EE_ORIGIN_ICMP6 = 3;

/** O_NONBLOCK by the argument, and FD_CLOEXEC on and off. */
export const FIONBIO = 0x5421;
export const FIONCLEX = 0x5450;
export const FIOCLEX = 0x5451;

/** Bytes written that the peer has not acknowledged. */
export const SIOCOUTQ = 0x5411;
/** Bytes that can be read, up to the mark of urgent data. */
export const FIONREAD = 0x541b;
export const SIOCINQ = FIONREAD;
/** Bytes written that were not sent yet. */
export const SIOCOUTQNSD = 0x894b;
/** 1 when what is read next stands behind the mark of urgent data, else 0. */
export const SIOCATMARK = 0x8905;
