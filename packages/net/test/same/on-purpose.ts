/** Where we differ from Node on purpose: these cases differ in exactly these lines. Each is in docs/deviations.md. */

export interface OnPurpose {
  /** "- " what only Node does, "+ " what only we do. */
  readonly differs: readonly string[];
  /** The row's first words in docs/deviations.md, "From Node". */
  readonly row: string;
}

/** By the title of the case. */
export const onPurpose: Readonly<Record<string, OnPurpose>> = {
  'resetAndDestroy() while connecting waits for the connection': {
    differs: ["- server: 'connection' [Socket]"],
    row: 'a connection that its client resets in the turn in which it opens',
  },
};
