/** What the socket layer counted: every drop under its reason. */

/** Counters of the socket layer. */
export interface SocketCounters {
  /** Segments given to a connection; what it did not like, the engine's counters tell. */
  connectionSegments: number;
  /** Segments that came, and that left; those that the link splits count as what they are split into. */
  segmentsReceived: number;
  segmentsSent: number;
  icmpReceived: number;
  /** Echo requests to which no way leads back. */
  icmpNoWayBack: number;
  badSegments: number;
  /** Of `badSegments`: those for a listener with neither SYN nor ACK nor RST. */
  listenDiscards: number;
  badChecksums: number;
  noListener: number;
  /** ICMP errors given to the connection that they quote. */
  connectionIcmpErrors: number;
  /** ICMP errors that quote nothing of ours. */
  strayIcmpErrors: number;
  pathMtuLearnt: number;
  /** "fragmentation needed" that told nothing new, or what cannot be. */
  pathMtuIgnored: number;
  /** SYNs that made a half-open connection. */
  halfOpens: number;
  /** Segments with RST for a listener, which ignores them. */
  listenResets: number;
  /** Segments with ACK for a listener, answered by a reset. */
  listenAcks: number;
  /** Finished handshakes, and SYNs, for which the accept queue had no place. */
  listenOverflows: number;
  /** SYNs and third segments that listeners dropped, for whatever reason. */
  listenDrops: number;
  /** SYNs dropped because too many handshakes are under way. */
  synQueueDrops: number;
  /** SYNs that were to be answered by a cookie; answers that left, and those for which there was no room. */
  synQueueCookies: number;
  synCookiesSent: number;
  synCookiesDropped: number;
  /** ACKs with a cookie of ours, and ACKs looked at that had none. */
  synCookiesReceived: number;
  synCookiesFailed: number;
  /** ACKs without data that `TCP_DEFER_ACCEPT` ignored. */
  deferAcceptDrops: number;
  /** Half-open connections that we reset. */
  embryonicResets: number;
  /** SYNs whose data we took (RFC 7413), SYNs with a bad cookie, SYNs that asked for one, SYNs for which no place was free. */
  fastOpenPassive: number;
  fastOpenPassiveFails: number;
  fastOpenCookiesAsked: number;
  fastOpenOverflows: number;
  /** Our SYNs whose data was taken, those whose data was not, and how often that made us pause. */
  fastOpenActive: number;
  fastOpenActiveFails: number;
  fastOpenBlackHoles: number;
  resetsSent: number;
  resetsDropped: number;
  /** Connections reset because of too many without a descriptor, or too much memory; Linux's `TCPAbortOnMemory`. */
  memoryAborts: number;
  /** Connections reset because FIN-WAIT-2 was not wanted; Linux's `TCPAbortOnLinger`. */
  lingerAborts: number;
  /** Connections reset by close(2): with bytes unread, and because of SO_LINGER with 0 seconds. */
  closeAborts: number;
  dataAborts: number;
  timeWaitReused: number;
  /** Active opens that took a port in TIME-WAIT; Linux's `TWRecycled`. */
  timeWaitRecycled: number;
  /** Connections that ended without TIME-WAIT because there were too many; Linux's `TCPTimeWaitOverflow`. */
  timeWaitOverflows: number;
  activeOpens: number;
  passiveOpens: number;
  /** UDP datagrams to ports that nobody has; Linux's `NoPorts`. */
  noDatagramPort: number;
  /** UDP datagrams that came, in whatever shape. */
  datagramsArrived: number;
  /** For a group or for everybody, and no socket has the port. */
  datagramsUnwanted: number;
  badDatagrams: number;
  badDatagramChecksums: number;
  /** UDP datagrams given to sockets, and taken from them; Linux's `InDatagrams` and `OutDatagrams`. */
  datagramsReceived: number;
  datagramsSent: number;
  /** Datagrams dropped because their socket's buffer was full, and refused because too many waited to leave. */
  datagramQueueDrops: number;
  datagramSendDrops: number;
  /** ICMP errors given to the datagram socket that they quote. */
  datagramIcmpErrors: number;
}

/** A fresh set of counters. */
export function createSocketCounters(): SocketCounters {
  return {
    connectionSegments: 0,
    segmentsReceived: 0,
    segmentsSent: 0,
    icmpReceived: 0,
    icmpNoWayBack: 0,
    badSegments: 0,
    listenDiscards: 0,
    badChecksums: 0,
    noListener: 0,
    connectionIcmpErrors: 0,
    strayIcmpErrors: 0,
    pathMtuLearnt: 0,
    pathMtuIgnored: 0,
    halfOpens: 0,
    listenResets: 0,
    listenAcks: 0,
    listenOverflows: 0,
    listenDrops: 0,
    synQueueDrops: 0,
    synQueueCookies: 0,
    synCookiesSent: 0,
    synCookiesDropped: 0,
    synCookiesReceived: 0,
    synCookiesFailed: 0,
    deferAcceptDrops: 0,
    embryonicResets: 0,
    fastOpenPassive: 0,
    fastOpenPassiveFails: 0,
    fastOpenCookiesAsked: 0,
    fastOpenOverflows: 0,
    fastOpenActive: 0,
    fastOpenActiveFails: 0,
    fastOpenBlackHoles: 0,
    resetsSent: 0,
    resetsDropped: 0,
    memoryAborts: 0,
    lingerAborts: 0,
    closeAborts: 0,
    dataAborts: 0,
    timeWaitReused: 0,
    timeWaitRecycled: 0,
    timeWaitOverflows: 0,
    activeOpens: 0,
    passiveOpens: 0,
    noDatagramPort: 0,
    datagramsArrived: 0,
    datagramsUnwanted: 0,
    badDatagrams: 0,
    badDatagramChecksums: 0,
    datagramsReceived: 0,
    datagramsSent: 0,
    datagramQueueDrops: 0,
    datagramSendDrops: 0,
    datagramIcmpErrors: 0,
  };
}
