import { Command } from 'commander'
import { readBy, showsExamples, takesCluster, takesFormat, takesPolicy } from './command.ts'
import type { Context } from './context.ts'
import type { ShadowOptions } from './shadow/run.ts'
import { duration } from './values.ts'

/**
 * `shadow`: beside another approver, reports what kubelet-csr-gate would have decided otherwise. The exit code is 1 if there
 * was anything.
 */
export function shadowCommand(context: Context): Command {
  const command = takesPolicy(takesFormat(takesCluster(new Command('shadow'))))
    .summary('beside another approver: report each CSR that is decided otherwise here')
    .description(
      'Follows the kubelet-serving CSRs, and reports each that was approved and would be refused here, and each that\n' +
        'waits or was denied and would be approved here. Writes nothing. Ends after --for, or with SIGINT or SIGTERM.\n' +
        'The exit code is 0 if both always agreed, else 1.',
    )
    .option('--for <DURATION>', 'end after 90s, 10m, 1h', readBy(duration))
    .action(async (options: ShadowOptions) => {
      const { shadow } = await import('./shadow/run.ts')
      await shadow(options, context)
    })
  return showsExamples(command, context.program, [
    ['For a day, beside the approver that is to be replaced', 'shadow --for 24h --policy gate-values.yaml'],
  ])
}
