/** getsockopt(2) and setsockopt(2). What there is, `options/` lists by level. */

import { afterActivity } from '../connections.ts';
import { AF_INET, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, SOL_SOCKET } from '../constants.ts';
import { EINVAL, ENOPROTOOPT, EOPNOTSUPP } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { OptionValue } from '../option-types.ts';
import { notSocket } from './descriptor.ts';
import { applyOption, findOption } from './options/tables.ts';

export function sysGetsockopt(kernel: Kernel, fd: number, level: number, name: number): OptionValue {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  const option = findOption(socket, level, name);
  if (option !== null) return option.get(socket, kernel);
  // As in Linux, IPv4 has another word for a level that is not there, and setsockopt() has not.
  const transport = socket.datagrams === null ? IPPROTO_TCP : IPPROTO_UDP;
  const isLevel = level === SOL_SOCKET || level === transport || level === IPPROTO_IP;
  return isLevel || socket.domain !== AF_INET ? -ENOPROTOOPT : -EOPNOTSUPP;
}

export function sysSetsockopt(kernel: Kernel, fd: number, level: number, name: number, value: OptionValue): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  if (typeof value === 'number' && !Number.isInteger(value)) return -EINVAL;
  const option = findOption(socket, level, name);
  if (option === null || option.set === null) return -ENOPROTOOPT;
  const before = socket.options;
  socket.options = { ...before };
  const outcome =
    typeof value === 'number'
      ? option.set(socket, value, kernel)
      : (option.setOther?.(socket, value, kernel) ?? -EINVAL);
  if (outcome < 0) socket.options = before;
  const { connection } = socket;
  if (outcome < 0 || option.apply === null || connection === null) return outcome;
  applyOption(option, connection, socket.options, true, kernel.nowMs);
  // What the option held back may leave now, a deadline of its may have begun, and room to write may be there.
  if (connection.listed) afterActivity(kernel, connection);
  return outcome;
}
