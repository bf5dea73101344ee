import { Command, Option } from 'commander'
import { readBy, showsExamples, takesCluster, takesFormat, takesPolicy, watchOption } from './command.ts'
import type { Context } from './context.ts'
import type { ApproveOptions } from './approve/options.ts'
import { duration, wholeNumber } from './values.ts'

/** The clusters that Kubernetes is tested with have 5,000 nodes, the largest known ones three times as many. */
const NODES_MAX = 20_000

/**
 * `approve`: approves conforming CSRs from this process until the nodes serve their certificates. The exit code is 0 only
 * if they do.
 */
export function approveCommand(context: Context): Command {
  const clustered = takesFormat(takesCluster(new Command('approve')))
  const command = takesPolicy(clustered)
    .summary('approve conforming CSRs from here until the nodes serve their certificates')
    .description(
      'Judges as the controller does, with your kubeconfig. Needs no chart and no pod. Waits for an API server and Nodes ' +
        'that do not exist yet, and dials the kubelets to see what they serve.',
    )
    .option(
      '--expect <N>',
      'end when N nodes serve (default: when all Nodes do)',
      readBy(wholeNumber(1, NODES_MAX)),
    )
    .addOption(watchOption('go on until SIGINT, SIGTERM or --timeout'))
    .option('--node <NAME...>', 'only the CSRs of these nodes', [])
    .option(
      '--timeout <DURATION>',
      'time limit, such as 90s, 10m or 1h (default: 10m; none with --watch)',
      readBy(duration),
    )
    .option(
      '--no-dial',
      'do not dial kubelets: decisions that need the probe stay unknown, and an issued certificate counts as served',
    )
    .option('--unproven <CSR...>', 'approve these CSRs although their addresses could not be dialled', [])
    .addOption(
      new Option('--dry-run', 'show the decisions on pending CSRs, and write nothing')
        .default(false)
        .conflicts(['watch', 'expect']),
    )
    .action(async (options: ApproveOptions) => {
      const { approve } = await import('./approve/run.ts')
      await approve(options, context)
    })
  return showsExamples(command, context.program, [
    [
      'After kubeadm init, while three nodes join',
      'approve --expect 3 --kubeconfig /etc/kubernetes/admin.conf',
    ],
    ['What would be approved now', 'approve --dry-run'],
    ['One CSR whose machine cannot be reached from here', 'approve --unproven csr-7x2kq --node worker-1'],
  ])
}
