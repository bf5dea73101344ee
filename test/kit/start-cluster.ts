import { startControlPlane } from '../control-plane/control-plane.ts'
import { startEmbeddedCluster } from '../embedded/cluster.ts'
import type { Cluster } from './cluster.ts'

const { TEST_CLUSTER = 'embedded' } = process.env
/** Whether it has no server-side apply and no RBAC. */
export const isEmbedded = TEST_CLUSTER === 'embedded'

/**
 * The cluster of `*.cluster.test.ts`, which hold on both: embedded in `npm test`, and real in `npm run test:kubernetes`, which
 * sets TEST_CLUSTER=kubernetes.
 */
export async function startCluster(): Promise<Cluster> {
  if (isEmbedded) return await startEmbeddedCluster()
  if (TEST_CLUSTER === 'kubernetes') return await startControlPlane()
  throw new Error(`TEST_CLUSTER is embedded or kubernetes, not ${TEST_CLUSTER}`)
}
