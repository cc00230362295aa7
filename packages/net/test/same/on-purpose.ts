/** Where we differ from Node on purpose: these cases differ in exactly these lines. Each is in docs/deviations.md. */

export interface OnPurpose {
  /** "- " what only Node does, "+ " what only we do. */
  readonly differs: readonly string[];
  /** The row's first words in docs/deviations.md, under "From Node". */
  readonly row: string;
}

/** By the title of the case. */
export const onPurpose: Readonly<Record<string, OnPurpose>> = {
  'a listener of connect that throws': {
    differs: ['- stays', '+ written before', '+ closed'],
    row: "a listener of 'connect' that throws",
  },
  'connect({ signal }) that was aborted before': {
    differs: [
      `- client: 'connectionAttempt' "127.0.0.1" PORT 4`,
      "- client: 'connect'",
      "- client: 'ready'",
      "- server: 'connection' [Socket]",
    ],
    row: 'a socket whose `signal` is aborted before `connect()`',
  },
};
