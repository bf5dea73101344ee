/** `kubectl diff --server-side`, as a second witness. */
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { kubectl } from '../control-plane/kubectl.ts'
import type { JsonObject } from '../../server/ports.ts'

/** What kubectl prints: empty if a server-side apply as `manager` would change nothing. */
export async function kubectlDiff(
  cluster: ControlPlane,
  manager: string,
  objects: readonly JsonObject[],
): Promise<string> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  const args = ['diff', '--server-side', `--field-manager=${manager}`, '--filename=-']
  const { code, stdout, stderr } = await kubectl(cluster, args, input)
  // 1: there are differences
  return code === 0 ? '' : `${stdout}${stderr}`.trim() || `kubectl diff ended with ${code}`
}
