/** The command line of the product, as an administrator runs it on the control plane. */
import { join } from 'node:path'
import { attempt, type Finished } from '../../kit/child.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'

export const MAIN = join(import.meta.dirname, '../../../cli/main.ts')

/** Runs a command of the product on the control plane, however it ends. */
export function runProgram(
  { controlPlane }: Pick<Cluster, 'controlPlane'>,
  args: readonly string[],
  timeoutMs = 60_000,
): Promise<Finished> {
  const command = [process.execPath, MAIN, ...args, '--kubeconfig=/etc/kubernetes/admin.conf']
  return attempt([...controlPlane.entered(), ...command], { timeoutMs })
}
