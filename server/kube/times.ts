/** How long the parts of a list and its watch last. */
export interface Times {
  readonly silenceMs: number
  readonly relistMs: number
  readonly absentMs: number
  readonly unreachableMs: number
  readonly refusedMs: number
}

export const TIMES: Times = {
  // Bookmarks come at +61 s; facts drawn from a list are not trusted after 75 s: the fresh list comes in between.
  silenceMs: 70_000,
  // Corrects what a watch may have lost.
  relistMs: 600_000,
  // How soon an API that the server lacks is looked for again, after an upgrade.
  absentMs: 120_000,
  // Longest wait while nobody answers: a refused connection costs nobody anything.
  unreachableMs: 3_000,
  // Longest wait while the server answers with errors, when it has trouble enough.
  refusedMs: 30_000,
}

/** The server ends each watch itself after a random while, so that replicas do not come back together. */
const WATCH_MIN_S = 300
const WATCH_SPREAD_S = 300
/** How much sooner than asked a server may end a watch that it has not cut off. */
export const EARLY_MS = 1_000
/** A watch that lasted no longer has told nothing. */
export const AT_ONCE_MS = 1_000

/** For how long to ask a server to keep a watch. */
export function watchSeconds(): number {
  return WATCH_MIN_S + Math.floor(Math.random() * WATCH_SPREAD_S)
}
