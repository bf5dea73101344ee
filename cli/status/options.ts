import type { ClusterOptions, FormatOptions } from '../command.ts'

/** What `status` is called with. */
export interface StatusOptions extends ClusterOptions, FormatOptions {
  readonly dial: boolean
}
