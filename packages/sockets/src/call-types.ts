/** The records that socket calls take and give. */

/** An address as text, and a port. An IPv6 address may have its zone behind it: "fe80::1%eth0". */
export interface SockAddr {
  /** AF_INET or AF_INET6. May be left out: the address tells. */
  readonly family?: number;
  readonly address: string;
  readonly port: number;
  /** Index of the interface that a link-local address is meant on. */
  readonly scopeId?: number;
}

/** `struct sock_extended_err` and who it came from. */
export interface ExtendedError {
  /** A positive errno; 0 for none. */
  readonly errno: number;
  /** `SO_EE_ORIGIN_*`. */
  readonly origin: number;
  /** Of an ICMP message; else 0. */
  readonly type: number;
  readonly code: number;
  readonly info: number;
  readonly data: number;
  /** The address of who sent the message. */
  readonly offender: string | null;
}

/** `struct in_pktinfo`; of IPv6, `in6_pktinfo`, which has no `localAddress`. */
export interface PacketInfo {
  /** Where the datagram came in, or is to leave; 0 to send: by any. */
  readonly interfaceIndex: number;
  /** Our address that an answer would come from, or that what is sent comes from; "0.0.0.0": the one that fits. */
  readonly localAddress?: string;
  /** Whom the datagram was for; of IPv6 also our address that what is sent comes from. */
  readonly address: string;
}

/** `struct cmsghdr` with its value: an `error` of IP_RECVERR, an `info` of IP_PKTINFO, and of IPv6's; others a `value`. */
export interface ControlMessage {
  readonly level: number;
  readonly type: number;
  readonly error?: ExtendedError;
  readonly info?: PacketInfo;
  readonly value?: number;
}

/** `struct msghdr`. recvmsg() fills in all but `iov`; sendmsg() on a stream passes over `control`. */
export interface MsgHdr {
  /** Whom to send to, or who sent it; streams have none. */
  name?: SockAddr | null;
  readonly iov: readonly Uint8Array[];
  control?: readonly ControlMessage[];
  /** `MSG_*` bits that came back. */
  flags?: number;
}

/** `struct epoll_event`: `EPOLL*` bits, and what is given back as it is. */
export interface EpollEvent {
  events: number;
  data: number;
}

/** One entry of poll(): `events` asked for, `revents` answered, as `POLL*` bits. */
export interface PollFd {
  readonly fd: number;
  readonly events: number;
  revents: number;
}
