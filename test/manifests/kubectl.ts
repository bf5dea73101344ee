import { resolveBinaries } from '../binaries/resolve.ts'
import { resolutionHere } from '../binaries/resolution.ts'
import { MINOR_VARIABLE } from '../binaries/versions.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { run } from '../kit/child.ts'

/**
 * Runs kubectl as the administrator of a control plane, of any minor: of the other minors no kubectl is pinned. Rejects
 * when it fails, and when the API server warns.
 */
export async function kubectl(
  cluster: ControlPlane,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const environment = { ...resolutionHere.environment, [MINOR_VARIABLE]: undefined }
  const pathOf = await resolveBinaries(['kubectl'], {
    ...resolutionHere,
    environment,
    print: () => undefined,
  })
  const options = { env: { KUBECONFIG: cluster.adminKubeconfig, HOME: cluster.directory } }
  const argv = [pathOf('kubectl'), ...args, '--warnings-as-errors']
  return run(argv, input === undefined ? options : { ...options, input })
}
