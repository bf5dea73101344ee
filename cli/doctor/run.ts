import type { ClustersOptions, FormatOptions } from '../command.ts'
import type { Context } from '../context.ts'
import { diagnose, isProblem } from '../diagnose/diagnose.ts'
import { gather } from '../diagnose/gather.ts'
import { EXIT } from '../exit-codes.ts'
import { onClusters } from '../on-cluster.ts'
import { jsonOf } from './result.ts'
import { textOf } from './text.ts'

export interface DoctorOptions extends ClustersOptions, FormatOptions {
  readonly rehearse: boolean
}

/** Examines one cluster, or that of each context. */
export async function doctor(options: DoctorOptions, context: Context): Promise<void> {
  await onClusters(options, context, async (session, show) => {
    await show('reading the cluster')
    const facts = await gather(session, {
      dials: () => true,
      dialled: (count, all) => void show(`dialled ${count} of ${all} kubelets`),
    })
    // Without Nodes and CSRs nothing is known of any kubelet: that is no clean bill.
    if (!facts.nodes.known && !facts.csrs.known)
      return { message: facts.nodes.because, exitCode: EXIT.notSeen }
    const findings = diagnose(facts)
    return {
      json: jsonOf(findings),
      text: (output, wide) => textOf(findings, output, wide),
      names: [],
      isWell: !findings.some(isProblem),
    }
  })
}
