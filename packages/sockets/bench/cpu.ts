/** Time of this process on a processor: what others do on the machine at the same time does not count. */

export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
