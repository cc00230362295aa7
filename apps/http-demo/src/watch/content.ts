/** What a payload is, told by its first bytes. */

/** Kinds of TLS records (RFC 8446 §5.1) and of handshake messages (§4). */
const TLS_RECORDS: Readonly<Record<number, string>> = {
  20: 'TLS ChangeCipherSpec',
  21: 'TLS alert',
  22: 'TLS handshake',
  23: 'TLS data',
};
const TLS_HANDSHAKES: Readonly<Record<number, string>> = { 1: 'TLS ClientHello', 2: 'TLS ServerHello' };
/** A longer start line is cut. */
const LINE_CHARS_MAX = 40;

/** "GET /", "HTTP/1.1 200 OK", "HTTP/2 preface", "TLS ClientHello", or '' for what has no name. */
export function contentOf(payload: Uint8Array): string {
  const record = tlsContentOf(payload);
  if (record !== '') return record;
  const text = String.fromCharCode(...payload);
  if (text.startsWith('PRI * HTTP/2.0')) return 'HTTP/2 preface';
  const line = /^(?:(?:GET|HEAD|POST) [!-~]+|HTTP\/1\.[01] \d{3} [ -~]*)/.exec(text)?.[0] ?? '';
  return line.length > LINE_CHARS_MAX ? `${line.slice(0, LINE_CHARS_MAX - 1)}…` : line;
}

/** "TLS ClientHello" when a record of TLS begins here, else ''. */
export function tlsContentOf(payload: Uint8Array): string {
  const record = payload[1] === 3 && payload.length >= 5 ? TLS_RECORDS[payload[0] as number] : undefined;
  if (record === undefined) return '';
  return (payload[0] === 22 ? TLS_HANDSHAKES[payload[5] as number] : undefined) ?? record;
}
