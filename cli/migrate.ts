import { Command } from 'commander'
import { showsExamples, takesFormat } from './command.ts'
import type { Context } from './context.ts'
import type { MigrateOptions } from './migrate/run.ts'

/** `migrate postfinance VALUES`, `migrate alex1989hu MANIFEST`: values of this chart for the configuration of another approver. */
export function migrateCommand(context: Context): Command {
  const command = new Command('migrate').description('write values for the configuration of another approver')
  command.addCommand(
    showsExamples(source('postfinance', 'VALUES', context), context.program, [
      [
        'From the values of the chart kubelet-csr-approver',
        'migrate postfinance values.yaml > gate-values.yaml',
      ],
      ['From the installed release', 'migrate postfinance -'],
    ]).summary("from values of postfinance's chart kubelet-csr-approver"),
  )
  command.addCommand(
    showsExamples(source('alex1989hu', 'MANIFEST', context), context.program, [
      ['From its manifest', 'migrate alex1989hu standalone-install.yaml'],
    ]).summary('from the manifest of alex1989hu/kubelet-serving-cert-approver'),
  )
  return command
}

function source(from: 'postfinance' | 'alex1989hu', metavar: string, context: Context): Command {
  return takesFormat(new Command(from), ['yaml', 'json'])
    .description('Writes values, with every change of meaning in comments. See docs/migration.md.')
    .argument(`<${metavar}>`, 'file, or - for standard input')
    .action(async (file: string, options: MigrateOptions) => {
      const { migrate } = await import('./migrate/run.ts')
      await migrate(from, file, options, context)
    })
}
