/** What doctor says of a cluster, and how long it takes. */
import type { Cluster } from '../../kubeadm/cluster.ts'
import { runProgram } from './program.ts'

export interface Step {
  /** The machine; absent where kubectl is. */
  readonly on?: string
  readonly run?: string
}

interface Told {
  readonly code: string
  readonly severity: string
  readonly subject: string
  readonly evidence: string
  readonly fix: readonly Step[]
}

export interface Diagnosis {
  readonly code: number
  /** Critical findings and warnings, in doctor's order. */
  readonly problems: readonly Told[]
  /** Why there is no diagnosis; empty if there is. */
  readonly trouble: string
}

interface Document {
  readonly clusters: readonly {
    readonly findings: readonly Told[]
    readonly problem: { readonly message: string } | null
  }[]
}

/** Runs doctor on the control plane. @param times gets the milliseconds of a run that examined the cluster */
export async function examine(cluster: Cluster, times: number[]): Promise<Diagnosis> {
  const began = performance.now()
  const { code, stdout, stderr } = await runProgram(cluster, ['doctor', '--output=json'])
  const elapsed = performance.now() - began
  if (code !== 0 && code !== 1) return { code, problems: [], trouble: stderr.trim() || `exit code ${code}` }
  times.push(elapsed)
  const { clusters }: Document = JSON.parse(stdout)
  const findings = clusters.flatMap((one) => one.findings)
  const problems = findings.filter(({ severity }) => severity === 'critical' || severity === 'warning')
  return { code, problems, trouble: clusters[0]?.problem?.message ?? '' }
}
