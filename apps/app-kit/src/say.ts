/** What an application tells while it runs: sentences for people, or one event a line for programs. */

/** @param sentenceOf What a person is told; `null` for nothing. */
export function sayer<E extends object>(json: boolean, sentenceOf: (event: E) => string | null): (event: E) => void {
  return (event) => {
    const line = json ? JSON.stringify(event) : sentenceOf(event);
    if (line !== null) console.log(line);
  };
}

/** "1,048,576" */
export function count(number: number): string {
  return number.toLocaleString('en-US');
}

/** To the microsecond: what a clock of the platform is good for. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** "10.77.0.2:7", "[fd00::2]:7" */
export function place(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
