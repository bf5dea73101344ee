import type { ClusterOptions } from '../command.ts'

export interface ReportOptions extends ClusterOptions {
  readonly output?: string
  readonly findings?: string
  readonly dial: boolean
}
