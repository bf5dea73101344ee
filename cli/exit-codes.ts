/** What the exit code says. Scripts depend on these numbers: docs/cli.md lists them, and a test compares. */
export const EXIT = {
  /** Done, and what was asked about is in order. */
  ok: 0,
  /** A finding, a refusal, or a condition that was not met in time. */
  finding: 1,
  /** Wrong flags, arguments or files. Nothing was done. */
  usage: 2,
  /** It could not look: the cluster cannot be reached, or does not permit what the command needs. Also an unexpected failure. */
  notSeen: 3,
  /** SIGINT ended the command: 128 + 2, as shells count. */
  interrupted: 130,
} as const

/** Why a command ends before its result: one line for stderr, and the exit code. */
export interface Problem {
  readonly message: string
  readonly exitCode: number
}
