import type { ClusterOptions, FormatOptions } from '../command.ts'

/** What `approve` is called with. */
export interface ApproveOptions extends ClusterOptions, FormatOptions {
  readonly policy?: string
  readonly expect?: number
  /** Milliseconds; undefined: none with --watch. */
  readonly timeout?: number
  readonly node: readonly string[]
  readonly watch: boolean
  readonly dryRun: boolean
  readonly dial: boolean
  /** CSRs that are approved without a look at who answers, where nobody could look. */
  readonly unproven: readonly string[]
}
