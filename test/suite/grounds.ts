import { startControlPlane } from '../control-plane/control-plane.ts'
import { startEmbeddedCluster } from '../embedded/cluster.ts'
import type { Cluster } from '../kit/cluster.ts'

/** What the demo runs on. */
export interface Ground {
  readonly title: string
  readonly start: () => Promise<Cluster>
}

export const embedded: Ground = { title: 'the embedded API server', start: () => startEmbeddedCluster() }

export const kubernetes: Ground = {
  title: 'etcd, kube-apiserver and kube-controller-manager',
  start: () => startControlPlane({ dualStack: true }),
}
