import { Command, Option } from 'commander'
import { readBy, showsExamples, takesCluster, takesFormat } from './command.ts'
import type { Context } from './context.ts'
import { addValue } from './owners/add-value.ts'
import type { ReleaseOptions } from './release/run.ts'
import { duration, namespacedName } from './values.ts'

const WAIT_MS = 30_000

/** `release`: gives a name or address free. The exit code is 0 once the controller has forgotten who held it. */
export function releaseCommand(context: Context): Command {
  const command = takesFormat(takesCluster(new Command('release')))
    .summary('release a name or address, so that another Node can have it')
    .description(
      'Shows the holders, then makes the controller remove their grants, by the annotation that docs/ownership.md describes. ' +
        'Waits until the controller has done so. Writes nothing if no Node holds one of them.',
    )
    .argument('<NAME|ADDRESS...>', 'DNS names and IP addresses', addValue)
    .option('--node <NAME>', 'only if no other Node holds them')
    .option('--ledger <NAMESPACE/NAME>', 'a ledger other than the installed one', readBy(namespacedName))
    .option('--dry-run', 'show the holders and what would happen, and write nothing', false)
    .addOption(
      new Option('--timeout <DURATION>', 'how long to wait for the controller')
        .default(WAIT_MS, '30s')
        .argParser(readBy(duration)),
    )
    .action(async (values: readonly string[], options: ReleaseOptions) => {
      const { release } = await import('./release/run.ts')
      await release(values, options, context)
    })
  return showsExamples(command, context.program, [
    ['Who holds an address, and what a release would do', 'release 10.0.0.9 --dry-run'],
    ['Release it, only if worker-3 holds it', 'release 10.0.0.9 --node worker-3'],
  ])
}
