import type { ControlPlane } from '../control-plane/control-plane.ts'
import { kubectl as attempted } from '../control-plane/kubectl.ts'

/** What kubectl prints. Rejects when it fails, and when the API server warns. */
export async function kubectl(
  cluster: ControlPlane,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const { code, stdout, stderr } = await attempted(cluster, [...args, '--warnings-as-errors'], input)
  if (code !== 0)
    throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${(stderr || stdout).trim()}`)
  return stdout
}
