/** An open file description: what descriptors, perhaps several and of several owners, refer to. */

import type { Epoll } from './epoll.ts';
import type { FdTable } from './fd-table.ts';
import type { Socket } from './socket.ts';
import type { Watch } from './watch.ts';

/** One number in one table. */
export interface Descriptor {
  readonly owner: FdTable;
  readonly fd: number;
}

/** What every kind of file has. */
export interface FileState {
  /** One of its descriptors, and the table of that one; -1 and `null` while nothing refers to it. */
  fd: number;
  owner: FdTable | null;
  /** Its other descriptors. */
  others: readonly Descriptor[];
  /** `O_*` flags: those of the file, which all its descriptors share. */
  statusFlags: number;
  /** Who waits for its readiness by epoll. */
  watches: readonly Watch[];
}

export type File = Socket | Epoll;

const NONE: readonly never[] = [];

/** A file without a descriptor. */
export function createFileState(statusFlags: number): FileState {
  return { fd: -1, owner: null, others: NONE, statusFlags, watches: NONE };
}

/** `fd` of `owner` refers to the file now. */
export function refer(file: FileState, owner: FdTable, fd: number): void {
  if (file.owner === null) {
    file.owner = owner;
    file.fd = fd;
  } else {
    file.others = [...file.others, { owner, fd }];
  }
}

/** `fd` of `owner` does not refer to it any more. */
export function unrefer(file: FileState, owner: FdTable, fd: number): void {
  if (file.owner !== owner || file.fd !== fd) {
    file.others = file.others.filter((other) => other.owner !== owner || other.fd !== fd);
    return;
  }
  const next = file.others[0];
  file.owner = next?.owner ?? null;
  file.fd = next?.fd ?? -1;
  if (next !== undefined) file.others = file.others.length === 1 ? NONE : file.others.slice(1);
}
