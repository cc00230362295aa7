/** When to say which groups an interface listens to: what hosts do by IGMPv3 (RFC 3376 §5) and MLDv2 (RFC 3810 §6) alike. */

import { copyOf, type IpAddress, isAny, sameAddress } from '@tcpstack/wire/ip-address';

/** "[Robustness Variable] ... Default: 2": a change is told so often (RFC 3376 §8.1, RFC 3810 §9.1). */
const ROBUSTNESS = 2;
/** "Unsolicited Report Interval ... Default: 1 second" (RFC 3376 §8.11, RFC 3810 §9.11). */
const UNSOLICITED_MS = 1000;

/** 'is': a query is answered; else what has changed. */
export type ReportKind = 'is' | 'joined' | 'left';

/** Says it. */
export type Reporter = (nowMs: number, group: Readonly<IpAddress>, kind: ReportKind) => void;

interface Group {
  readonly address: Readonly<IpAddress>;
  /** We listen to it; else it is only still to be said that we do not. */
  joined: boolean;
  /** How often the last change is still to be told. */
  changesLeft: number;
  changeAtMs: number;
  /** A query is to be answered. */
  answerAtMs: number;
}

/** The groups of one interface. */
export class GroupReports {
  readonly #random: () => number;
  readonly #mostGroups: number;
  readonly #report: Reporter;
  #groups: Group[] = [];

  /** @param mostGroups Of more than so many nobody is told. */
  constructor(random: () => number, mostGroups: number, report: Reporter) {
    this.#random = random;
    this.#mostGroups = mostGroups;
    this.#report = report;
  }

  /** When `handleTimeout` is due. */
  get deadlineMs(): number {
    let earliestMs = Infinity;
    for (const { changeAtMs, answerAtMs } of this.#groups) earliestMs = Math.min(earliestMs, changeAtMs, answerAtMs);
    return earliestMs;
  }

  /** We listen to the group from now on, which is borrowed. */
  join(nowMs: number, address: Readonly<IpAddress>): void {
    const known = this.#groups.find((group) => sameAddress(group.address, address));
    if (known !== undefined) {
      if (!known.joined) this.#change(nowMs, known, true);
    } else if (this.#groups.length < this.#mostGroups) {
      const kept = copyOf(address);
      const group: Group = { address: kept, joined: false, changesLeft: 0, changeAtMs: Infinity, answerAtMs: Infinity };
      this.#groups.push(group);
      this.#change(nowMs, group, true);
    }
  }

  /** Leaves those groups that are not needed any more. */
  leaveUnless(nowMs: number, isNeeded: (group: Readonly<IpAddress>) => boolean): void {
    for (const group of this.#groups) if (group.joined && !isNeeded(group.address)) this.#change(nowMs, group, false);
  }

  /** Says of all groups once more that we listen to them. */
  tellAgain(nowMs: number): void {
    for (const group of this.#groups) if (group.joined) this.#change(nowMs, group, true);
  }

  /** Somebody asks for `group`, or for all of them when that is no address. */
  queried(nowMs: number, asked: Readonly<IpAddress>, withinMs: number): void {
    for (const group of this.#groups) {
      if (!group.joined || !(isAny(asked) || sameAddress(asked, group.address))) continue;
      // "a delay for a response is randomly selected in the range (0, [Max Resp Time])"; one that is due sooner stays —
      // RFC 3376 §5.2, RFC 3810 §6.2
      group.answerAtMs = Math.min(group.answerAtMs, nowMs + this.#random() * withinMs);
    }
  }

  /** Does what is due. */
  handleTimeout(nowMs: number): void {
    for (const group of this.#groups) {
      if (group.changeAtMs <= nowMs) this.#tellChange(nowMs, group);
      if (group.answerAtMs <= nowMs) {
        group.answerAtMs = Infinity;
        this.#report(nowMs, group.address, 'is');
      }
    }
    this.#groups = this.#groups.filter(({ joined, changesLeft }) => joined || changesLeft > 0);
  }

  #change(nowMs: number, group: Group, joined: boolean): void {
    group.joined = joined;
    group.changesLeft = ROBUSTNESS;
    group.changeAtMs = nowMs;
    group.answerAtMs = Infinity;
  }

  #tellChange(nowMs: number, group: Group): void {
    group.changesLeft--;
    group.changeAtMs = group.changesLeft > 0 ? nowMs + this.#random() * UNSOLICITED_MS : Infinity;
    this.#report(nowMs, group.address, group.joined ? 'joined' : 'left');
  }
}
