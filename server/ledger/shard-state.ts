import type { Released, ShardReading } from './shard-text.ts'

/** What this process knows of one ConfigMap. */
export interface ShardState {
  readonly name: string
  /** Null while there is no such ConfigMap. */
  resourceVersion: string | null
  problem: Exclude<ShardReading, { kind: 'whole' }> | null
  /** Whether this process has read it whole or written it. */
  wasWhole: boolean
  /** The annotation of the operator, and whether it was applied; then the next write removes it. */
  release: string
  isApplied: boolean
  released: readonly Released[]
  readonly uids: Set<string>
  /** The oldest grant that is known; Infinity where nothing is. */
  since: number
}

/** Of one that does not exist, or that was not read. */
export function unread() {
  const nothing = { resourceVersion: null, problem: null, release: '', released: [] }
  return { ...nothing, wasWhole: false, isApplied: false, since: Infinity }
}
