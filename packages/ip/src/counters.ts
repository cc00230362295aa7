/** What the IP layer counted: every packet that went no further has its reason here. */

/** Counters by name; they only grow. */
export interface IpCounters {
  received: number;
  delivered: number;
  sent: number;
  shortPackets: number;
  /** Neither version 4 nor 6. */
  notIp: number;
  badHeaders: number;
  badHeaderChecksums: number;
  notForUs: number;
  badSources: number;
  /** Loopback addresses in packets from a link. */
  martians: number;
  /** Fragments that did not make their packet whole: they wait, or `ReassemblyCounters` says why not. */
  fragmentsHeld: number;
  badOptions: number;
  /** Source-routed packets that we do not accept, or that should have gone on from here. */
  sourceRoutesDropped: number;
  unknownProtocols: number;
  icmpErrors: number;
  /** Error messages with a quote, or a code, that cannot be. */
  icmpBadQuotes: number;
  sourceQuenches: number;
  icmpIgnored: number;
  /** How often a transport said that a path may be dead. */
  deadPathAdvice: number;
  echoRequests: number;
  echoRepliesSent: number;
  echoRepliesDropped: number;
}

/** All at zero, in one order. */
export function createIpCounters(): IpCounters {
  return {
    received: 0,
    delivered: 0,
    sent: 0,
    shortPackets: 0,
    notIp: 0,
    badHeaders: 0,
    badHeaderChecksums: 0,
    notForUs: 0,
    badSources: 0,
    martians: 0,
    fragmentsHeld: 0,
    badOptions: 0,
    sourceRoutesDropped: 0,
    unknownProtocols: 0,
    icmpErrors: 0,
    icmpBadQuotes: 0,
    sourceQuenches: 0,
    icmpIgnored: 0,
    deadPathAdvice: 0,
    echoRequests: 0,
    echoRepliesSent: 0,
    echoRepliesDropped: 0,
  };
}
