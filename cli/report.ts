import { Command } from 'commander'
import { showsExamples, takesCluster } from './command.ts'
import type { Context } from './context.ts'
import type { ReportOptions } from './report/run.ts'

/** `report`: one HTML page of the cluster. The exit code is 0 once it is written. */
export function reportCommand(context: Context): Command {
  const command = takesCluster(new Command('report'))
    .summary('write one HTML page of the cluster')
    .description(
      'Writes one HTML page: the findings of doctor, certificates on a timeline, addresses beside names, and stored CSRs. ' +
        'The page loads nothing and needs only a browser. Reads the cluster as doctor does. ' +
        'There is no other format: use status and doctor with -o json for a program.',
    )
    .argument('[FILE]', 'file to write (default: standard output, unless that is a terminal)')
    .option('--no-dial', 'do not dial kubelets: certificates are then those of stored CSRs')
    .action(async (file: string | undefined, options: ReportOptions) => {
      const { report } = await import('./report/run.ts')
      await report(file ?? null, options, context)
    })
  return showsExamples(command, context.program, [
    ['A page of the cluster', 'report fleet.html'],
    ['Without a connection to any kubelet', 'report fleet.html --no-dial'],
  ])
}
