/** What a connection gets of the options of its IP version: IPv4's, or IPv6's. */

import { ownWishes, setReporting } from '@tcpstack/tcp/connection';
import type { Tcb, TcpShared } from '@tcpstack/tcp/tcb';
import { IP_PMTUDISC_DO, IP_PMTUDISC_DONT, IP_PMTUDISC_INTERFACE, IP_PMTUDISC_WANT } from '../../constants.ts';
import type { OptionValues } from '../../option-values.ts';
import type { SocketOption } from './option.ts';

type Apply = SocketOption['apply'];

export const applyTos: Apply = (tcb, values, _isOpen, _nowMs, isIpv6) => {
  tcb.out.tosByte = tosOf(values, isIpv6);
};

export const applyHops: Apply = (tcb, values, _isOpen, _nowMs, isIpv6) => {
  tcb.out.ttlHops = hopsOf(tcb.shared, values, isIpv6);
};

/** The Diffserv field that the user wants. */
export function tosOf(values: OptionValues, isIpv6: boolean): number {
  return isIpv6 ? values.trafficClassByte : values.tosByte;
}

/** The time to live, or hop limit, that the user wants. */
export function hopsOf({ defaultHopLimit, defaultTtlHops }: TcpShared, values: OptionValues, isIpv6: boolean): number {
  const hops = isIpv6 ? values.unicastHops : values.ttlHops;
  const usual = isIpv6 ? defaultHopLimit : defaultTtlHops;
  return hops === -1 ? usual : hops;
}

export const applyReporting: Apply = (tcb, values, _isOpen, _nowMs, isIpv6) => {
  setReporting(tcb, isIpv6 ? values.receiveErrorsV6 : values.receiveErrors);
};

/** Like Linux, TCP lets routers split its packets in all modes but two. Those of IPv6 do not split any. */
export const applyMtuDiscover: Apply = (tcb, { mtuDiscover }, _isOpen, _nowMs, isIpv6) => {
  if (isIpv6) return;
  const maySplit = mtuDiscover !== IP_PMTUDISC_WANT && mtuDiscover !== IP_PMTUDISC_DO;
  if (maySplit !== tcb.wishes.routersMaySplit) ownWishes(tcb).routersMaySplit = maySplit;
  // Linux's `tcp_v4_mtu_reduced`: the path is known to be narrower, but in these modes nothing is sent again for that.
  const isPassive = mtuDiscover === IP_PMTUDISC_DONT || mtuDiscover >= IP_PMTUDISC_INTERFACE;
  setTooBig(tcb, isPassive ? 'learn' : 'act');
};

/** Linux's `ip6_sk_accept_pmtu`: two modes keep forged messages off. */
export const applyMtuDiscoverV6: Apply = (tcb, { mtuDiscoverV6 }, _isOpen, _nowMs, isIpv6) => {
  if (isIpv6) setTooBig(tcb, mtuDiscoverV6 >= IP_PMTUDISC_INTERFACE ? 'ignore' : 'act');
};

function setTooBig(tcb: Tcb, tooBig: Tcb['wishes']['tooBig']): void {
  if (tooBig !== tcb.wishes.tooBig) ownWishes(tcb).tooBig = tooBig;
}
