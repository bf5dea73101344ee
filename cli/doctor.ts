import { Command } from 'commander'
import { showsExamples, takesClusters, takesFormat } from './command.ts'
import type { Context } from './context.ts'
import type { DoctorOptions } from './doctor/run.ts'

/** `doctor`: what is wrong with a cluster. The exit code is 0 if no finding is above info, else 1; 3 if it cannot be reached. */
export function doctorCommand(context: Context): Command {
  const command = takesFormat(takesClusters(new Command('doctor')))
    .summary('diagnose kubelet serving certificates, with a fix for each finding')
    .description(
      'Checks the control plane, RBAC, approvers, CSRs and the certificate of each kubelet. The worst finding is first. ' +
        'Changes nothing: two requests are dry runs. Works without the chart. What it cannot see is "not visible".',
    )
    .option('--rehearse', 'list the Nodes that proof.addresses: auto and require would refuse today', false)
    .action(async (options: DoctorOptions) => {
      if (options.rehearse) {
        const { rehearse } = await import('./doctor/rehearse.ts')
        return await rehearse(options, context)
      }
      const { doctor } = await import('./doctor/run.ts')
      await doctor(options, context)
    })
  return showsExamples(command, context.program, [
    ['Findings, and the commands that fix them', 'doctor'],
    ['All checks, also those without a finding', 'doctor -o wide'],
    ['Which Nodes proof.addresses would refuse, before you require it', 'doctor --rehearse'],
    ['All findings of all clusters, for a program', 'doctor --all-contexts -o json'],
  ])
}
