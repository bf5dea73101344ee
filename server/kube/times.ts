/** How long the parts of a list and its watch last, in milliseconds. */
export interface Times {
  readonly silenceMs: number
  readonly relistMs: number
  readonly absentMs: number
  readonly longestWaitMs: number
}

export const TIMES: Times = {
  // Bookmarks come every 60 s.
  silenceMs: 70_000,
  // Corrects what a watch may have lost.
  relistMs: 3_600_000,
  // How soon a resource that the server lacks is looked for again, after an upgrade.
  absentMs: 120_000,
  // Longest wait after a failure, unless the server asks for more: after an outage everything goes on within 5 s.
  longestWaitMs: 5_000,
}
