import { Command } from 'commander'
import { showsExamples, takesCluster } from './command.ts'
import type { Context } from './context.ts'
import type { ReportOptions } from './report/options.ts'

/** `report`: one HTML page of the fleet. The exit code is 0 once it is written. */
export function reportCommand(context: Context): Command {
  const command = takesCluster(new Command('report'))
    .summary('write one HTML page of the fleet')
    .description(
      'Writes one HTML page: certificates on a timeline, addresses beside names, stored CSRs and why they were decided.\n' +
        'The page loads nothing from anywhere, and needs nothing but a browser. Dials kubelets as status does.',
    )
    .option('-o, --output <FILE>', 'where to write it (default: standard output, if it is no terminal)')
    .option('--findings <FILE>', 'also show the findings that doctor -o json wrote into this file')
    .option('--no-dial', 'do not dial kubelets: certificates are then those of stored CSRs')
    .action(async (options: ReportOptions) => {
      const { report } = await import('./report/run.ts')
      await report(options, context)
    })
  return showsExamples(command, context.program, [
    ['A page of the fleet', 'report -o fleet.html'],
    ['With the findings of doctor', 'report -o fleet.html --findings doctor.json'],
  ])
}
