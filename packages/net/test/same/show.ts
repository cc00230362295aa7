/** Values as text, the same for both worlds: what a log of a case is made of. */

/** A text longer than this is shown by its length and its beginning. */
const TEXT_MAX = 60;
/** What errors of both worlds have beside name and message. */
const ERROR_KEYS = ['code', 'errno', 'syscall', 'address', 'port', 'localAddress', 'localPort', 'hostname', 'host'];

export function show(value: unknown): string {
  if (typeof value === 'string') return showText(value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Uint8Array)
    return `${value.constructor.name} ${showText(Buffer.from(value).toString('latin1'))}`;
  if (value instanceof Error) return showError(value);
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  const maker = (Object.getPrototypeOf(value) as object | null)?.constructor.name;
  if (maker !== undefined && maker !== 'Object') return `[${maker}]`;
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}: ${show(inner)}`)
    .join(', ')}}`;
}

function showText(text: string): string {
  if (text.length <= TEXT_MAX) return JSON.stringify(text);
  return `${text.length} of ${JSON.stringify(text.slice(0, 8))}...`;
}

/** The class, the name, the message, and each property that Node's errors have. */
function showError(error: Error): string {
  const fields = error as unknown as Record<string, unknown>;
  const facts = ERROR_KEYS.filter((key) => key in fields).map((key) => `${key}: ${show(fields[key])}`);
  const others = Object.keys(error).filter((key) => !ERROR_KEYS.includes(key));
  if (others.length > 0) facts.push(`and ${others.join(', ')}`);
  if (error instanceof AggregateError) facts.push(`errors: ${show(error.errors)}`);
  if (error.cause !== undefined) facts.push(`cause: ${show(error.cause)}`);
  return `${error.constructor.name} ${error.name}: ${JSON.stringify(error.message)} {${facts.join(', ')}}`;
}
