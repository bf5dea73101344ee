/** `kubectl diff --server-side`, as a second witness. */
import { attempt } from '../kit/child.ts'
import { resolveBinaries } from '../binaries/resolve.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import type { JsonObject } from '../../server/ports.ts'

/** What kubectl prints: empty if a server-side apply as `manager` would change nothing. */
export async function kubectlDiff(
  cluster: ControlPlane,
  manager: string,
  objects: readonly JsonObject[],
): Promise<string> {
  const pathOf = await resolveBinaries(['kubectl'])
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  const { code, stdout, stderr } = await attempt(
    [
      pathOf('kubectl'),
      `--kubeconfig=${cluster.adminKubeconfig}`,
      'diff',
      '--server-side',
      `--field-manager=${manager}`,
      '--filename=-',
    ],
    { input },
  )
  // 1: there are differences
  return code === 0 ? '' : `${stdout}${stderr}`.trim() || `kubectl diff ended with ${code}`
}
