import { Command } from 'commander'
import { showsExamples, takesClusters, takesFormat, takesSelector, watchOption } from './command.ts'
import type { Context } from './context.ts'
import type { StatusOptions } from './status/run.ts'

/** `status`: a row per node. The exit code is 0 if every node serves a certificate of the cluster, else 1. */
export function statusCommand(context: Context): Command {
  const clustered = takesClusters(new Command('status'))
  const command = takesSelector(takesFormat(clustered, ['table', 'wide', 'json', 'yaml', 'name']))
    .summary('show how each node stands on the way to its serving certificate')
    .description(
      'Shows for each node whether it asked, was approved, got a certificate and serves it, problems first.\n' +
        "Dials the kubelets' ports from here; what cannot be reached is not visible. Works without the chart.",
    )
    .option('--no-dial', 'do not dial kubelets: then nothing is known of what they serve')
    .addOption(
      watchOption('look again every 5 s, and show what has changed until SIGINT or SIGTERM').conflicts(
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
