/** The few calls into the operating system that the driver is made of: all that an addon would have to fill. */

/** A descriptor being watched. */
export interface Watch {
  /** Lets it keep the process alive (the default). */
  ref(): void;
  /** Lets the process end while it is watched. */
  unref(): void;
  /** Stops watching; the descriptor may be closed afterwards. Twice is fine. */
  close(): void;
}

/**
 * System calls. Each returns a non-negative result, or the negative number of the error; none throws.
 * Memory is named by address so that nothing is created per packet: the caller keeps the array alive
 * and checks the bounds.
 */
export interface DeviceCalls {
  /** Opens a file to read and write, without ever blocking. */
  open(path: string): number;
  /** Closes what `open` gave. */
  close(fd: number): number;
  /** A socket that never blocks. */
  socket(domain: number, type: number, protocol: number): number;
  /** Closes what `socket` gave. */
  closeSocket(fd: number): number;
  /** @param argument A number passed by value, or bytes that the kernel reads and writes in place. */
  ioctl(fd: number, request: number, argument: number | Uint8Array): number;
  /** Address of the first byte of `bytes`; good as long as its buffer is neither freed nor transferred. */
  addressOf(bytes: Uint8Array): number;
  /** Bytes read to `address`, at most `lengthBytes`. */
  read(fd: number, address: number, lengthBytes: number): number;
  /** Bytes written from `address`. */
  write(fd: number, address: number, lengthBytes: number): number;
  /**
   * Calls back each turn of the event loop in which `fd` is readable, without a thread. The callback
   * may run where promises are not settled afterwards, so it should only schedule.
   *
   * @param onReady `false` when the descriptor failed; it is not watched any more then.
   */
  watch(fd: number, onReady: (readable: boolean) => void): Watch;
}
