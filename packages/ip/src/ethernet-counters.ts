/** What an Ethernet interface counted: every frame that went no further has its reason here. */

/** Counters by name; they only grow. */
export interface EthernetCounters {
  framesReceived: number;
  shortFrames: number;
  /** IEEE 802.3 frames, which have a length where we look for a type. */
  notEthernetII: number;
  /** Frames to another station, or from a group of stations. */
  foreignFrames: number;
  unknownEtherTypes: number;
  /** Frames to all or many stations that carry a packet to one address (RFC 1122 §3.3.6). */
  unicastInBroadcast: number;
  arpReceived: number;
  arpBad: number;
  arpSent: number;
  ndpReceived: number;
  ndpBad: number;
  ndpSent: number;
  mldReceived: number;
  mldBad: number;
  mldSent: number;
  igmpReceived: number;
  igmpBad: number;
  igmpSent: number;
  /** Packets with no next hop on the link. */
  noNextHop: number;
  /** Packets that waited for an address in vain, or for which there was no room to wait. */
  unresolvedDropped: number;
  /** Neighbours that did not answer. */
  neighboursFailed: number;
  /** No entry could be made: the table is full of neighbours in use. */
  neighbourTableFull: number;
  /** Addresses of ours that somebody else has, too. */
  conflicts: number;
  defences: number;
  duplicateAddresses: number;
  routerSolicitationsSent: number;
  routerAdvertisements: number;
  redirectsTaken: number;
  redirectsIgnored: number;
  /** Advertisements and redirects of routers where they do not count. */
  routersIgnored: number;
  /** Solicitations, advertisements and reports for which there was no room. */
  controlDropped: number;
}

/** All at zero, in one order. */
export function createEthernetCounters(): EthernetCounters {
  return {
    framesReceived: 0,
    shortFrames: 0,
    notEthernetII: 0,
    foreignFrames: 0,
    unknownEtherTypes: 0,
    unicastInBroadcast: 0,
    arpReceived: 0,
    arpBad: 0,
    arpSent: 0,
    ndpReceived: 0,
    ndpBad: 0,
    ndpSent: 0,
    mldReceived: 0,
    mldBad: 0,
    mldSent: 0,
    igmpReceived: 0,
    igmpBad: 0,
    igmpSent: 0,
    noNextHop: 0,
    unresolvedDropped: 0,
    neighboursFailed: 0,
    neighbourTableFull: 0,
    conflicts: 0,
    defences: 0,
    duplicateAddresses: 0,
    routerSolicitationsSent: 0,
    routerAdvertisements: 0,
    redirectsTaken: 0,
    redirectsIgnored: 0,
    routersIgnored: 0,
    controlDropped: 0,
  };
}
