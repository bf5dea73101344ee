import { Command } from 'commander'
import {
  formatsWithName,
  showsExamples,
  takesClusters,
  takesFormat,
  takesSelector,
  watchOption,
} from './command.ts'
import type { Context } from './context.ts'
import type { StatusOptions } from './status/run.ts'

/** `status`: a row per node. The exit code is 0 if every node serves a certificate of the cluster, else 1. */
export function statusCommand(context: Context): Command {
  const clustered = takesClusters(new Command('status'))
  const command = takesSelector(takesFormat(clustered, formatsWithName))
    .summary('show serving-certificate status per node')
    .description(
      'Shows for each node the state of its newest CSR and the certificate that its kubelet serves. Problems are first. ' +
        'Dials the kubelets from here: those that cannot be reached are not visible. Works without the chart.',
    )
    .option('--no-dial', 'do not dial kubelets: what they serve is then unknown')
    .addOption(
      watchOption('read the cluster again every 5 s and show changes, until SIGINT or SIGTERM').conflicts(
        'allContexts',
      ),
    )
    .action(async (options: StatusOptions) => {
      const { status } = await import('./status/run.ts')
      await status(options, context)
    })
  return showsExamples(command, context.program, [
    ['A row per node', 'status'],
    ['See nodes come up', 'status -w'],
    ['The same of another cluster, for a program', 'status --context staging -o json'],
  ])
}
