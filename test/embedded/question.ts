import type { Cluster } from '../kit/cluster.ts'

/** What is compared: status, reason and message, without versions, uids, times and ports. */
type Seen = readonly string[]

export interface Question {
  readonly title: string
  readonly ask: (cluster: Cluster) => Promise<Seen>
  readonly answers: Seen
}
