import { Command } from 'commander'
import { showsExamples, takesCluster, takesFormat, takesPolicy } from './command.ts'
import type { Context } from './context.ts'
import type { ExplainOptions } from './explain/options.ts'

/**
 * `explain NAME|FILE|-`: what the webhook and the controller decide, and which checks failed. The exit code is 0 if the
 * controller approves the request, else 1.
 */
export function explainCommand(context: Context): Command {
  const command = takesPolicy(takesFormat(takesCluster(new Command('explain'))))
    .summary('show the decision on a CSR, the checks that failed, and what to do')
    .description(
      'Judges a CSR as the webhook and the controller do, and shows the verdict and the checks that failed. ' +
        'NAME is a CSR, or a Node, whose newest CSR is judged by the Nodes, CSRs and reservations of the cluster. ' +
        'If a file of that name exists, it is judged alone, or with --node-file.',
    )
    .argument('<NAME|FILE>', 'a CSR, a Node, a file with a CSR or only its request, or - for standard input')
    .option(
      '--node-file <FILE>',
      'with a file: the manifest of its Node, such as from kubectl get node NAME -o yaml',
    )
    .option('--no-dial', 'do not dial the addresses: decisions that need the probe stay unknown')
    .action(async (subject: string, options: ExplainOptions) => {
      const { explain } = await import('./explain/run.ts')
      await explain(subject, options, context)
    })
  return showsExamples(command, context.program, [
    ['Why the newest CSR of a Node is not approved', 'explain worker-2'],
    ['Explain a CSR of the cluster', 'explain csr-7x2kq'],
    ['Explain a saved CSR, with the Node of its requester', 'explain csr.yaml --node-file node.yaml'],
    ['Every check, also those that pass', 'explain csr-7x2kq -o wide'],
    ['For a script: the verdict of the controller', 'explain csr-7x2kq -o json'],
  ])
}
