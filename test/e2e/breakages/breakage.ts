/** One way to break a healthy cluster, and how it is mended. */
import type { Cluster } from '../../kubeadm/cluster.ts'

export interface Breakage {
  readonly title: string
  readonly by: (cluster: Cluster) => Promise<void>
  readonly mend: (cluster: Cluster) => Promise<void>
  /** Whether the fix that doctor prints cures it. Then that is typed, and {@link mend} is only for a fix that does not. */
  readonly typed?: true
  /** The code of doctor's first finding, and its subject. */
  readonly first: string
  readonly subject: string
  /** Seconds until it can be seen: doctor calls nothing late that has just begun. Default 20. */
  readonly within?: number
  /** A finding that stays when it is mended. */
  readonly leaves?: string
}
