/** IPv4 addresses as text and as int32. */

/** "192.0.2.1" as an int32, or `null` when it is not four decimal numbers of 0 to 255. */
export function parseIpv4(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return null;
    value = (value << 8) | Number(part);
  }
  return value;
}

/** An int32 as "192.0.2.1". */
export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}
