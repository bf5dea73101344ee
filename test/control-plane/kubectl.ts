import { resolveBinaries } from '../binaries/resolve.ts'
import { resolutionHere } from '../binaries/resolution.ts'
import { MINOR_VARIABLE } from '../binaries/versions.ts'
import { attempt, type Finished } from '../kit/child.ts'
import type { ControlPlane } from './control-plane.ts'

/** Runs kubectl as the administrator of a control plane, of any minor: of the other minors no kubectl is pinned. */
export async function kubectl(cluster: ControlPlane, args: readonly string[], input = ''): Promise<Finished> {
  const environment = { ...resolutionHere.environment, [MINOR_VARIABLE]: undefined }
  const pathOf = await resolveBinaries(['kubectl'], {
    ...resolutionHere,
    environment,
    print: () => undefined,
  })
  const env = { KUBECONFIG: cluster.adminKubeconfig, HOME: cluster.directory }
  return await attempt([pathOf('kubectl'), ...args], { env, input })
}
