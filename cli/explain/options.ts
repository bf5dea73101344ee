import type { ClusterOptions, FormatOptions } from '../command.ts'

/** What `explain` is called with. */
export interface ExplainOptions extends ClusterOptions, FormatOptions {
  readonly policy?: string
  readonly nodeFile?: string
  readonly dial: boolean
}
