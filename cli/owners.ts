import { Command } from 'commander'
import { formatsWithName, readBy, showsExamples, takesCluster, takesFormat } from './command.ts'
import type { Context } from './context.ts'
import { addValue } from './owners/add-value.ts'
import type { OwnersOptions } from './owners/run.ts'
import { namespacedName } from './values.ts'

/** `owners`: who holds a name or address. The exit code is 1 if nobody holds one that was asked for. */
export function ownersCommand(context: Context): Command {
  const command = takesFormat(takesCluster(new Command('owners')), formatsWithName)
    .summary('show which Node holds a name or address')
    .description(
      'Shows which Node was granted a name or address, by the ledger of the installed controller and the stored CSRs. ' +
        'Without arguments, shows all that are held. The exit code is 1 if nobody holds one that was asked for, ' +
        'or if a part of the ledger cannot be read.',
    )
    .argument('[NAME|ADDRESS...]', 'DNS names and IP addresses', addValue)
    .option('--node <NAME>', 'only what this Node holds')
    .option('--ledger <NAMESPACE/NAME>', 'a ledger other than the installed one', readBy(namespacedName))
    .action(async (values: readonly string[] | undefined, options: OwnersOptions) => {
      const { owners } = await import('./owners/run.ts')
      await owners(values ?? [], options, context)
    })
  return showsExamples(command, context.program, [
    ['Who holds an address', 'owners 10.0.0.9'],
    ['What a Node holds', 'owners --node worker-3'],
  ])
}
