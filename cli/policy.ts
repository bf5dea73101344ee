import { Command } from 'commander'
import { type FormatOptions, showsExamples, takesFormat } from './command.ts'
import type { Context } from './context.ts'

/** `policy validate|hash|diff`: a policy, before it is installed. */
export function policyCommand(context: Context): Command {
  const command = new Command('policy').description('check and compare policies before they are installed')
  const commands = [validate, hash, diff]
  for (const create of commands) command.addCommand(create(context))
  return command
}

const FILE = 'policy file, or chart values with a policy'

function validate(context: Context): Command {
  const command = new Command('validate')
    .summary('list all faults of a policy, each with its position')
    .description(
      'Lists all faults of a policy, each with its position. The exit code is 0 if there is none, else 1.',
    )
    .argument('<FILE>', FILE)
    .action(async (file: string) => {
      const { validatePolicy } = await import('./policy/read.ts')
      await validatePolicy(file, context)
    })
  return showsExamples(command, context.program, [
    ['Check the values before helm upgrade', 'policy validate values.yaml'],
  ])
}

function hash(context: Context): Command {
  const command = new Command('hash')
    .summary('print the hash of a policy, as in kubelet_csr_gate_policy_info')
    .description(
      'Prints the hash of a policy, as in the metric kubelet_csr_gate_policy_info, in conditions and in the log.',
    )
    .argument('<FILE>', FILE)
    .action(async (file: string) => {
      const { hashPolicy } = await import('./policy/read.ts')
      await hashPolicy(file, context)
    })
  return showsExamples(command, context.program, [
    ['Find out whether these values are in force', 'policy hash values.yaml'],
  ])
}

function diff(context: Context): Command {
  const command = takesFormat(new Command('diff'))
    .summary('show which settings of two policies differ, and what that means')
    .description(
      'Shows each setting that differs, and whether the second policy is stricter or looser.\n' +
        'The exit code is 0 if the policies are the same, 1 if they differ.',
    )
    .argument('<BEFORE>', FILE)
    .argument('<AFTER>', FILE)
    .action(async (before: string, after: string, options: FormatOptions) => {
      const { diffPolicies } = await import('./policy/diff.ts')
      await diffPolicies([before, after], options, context)
    })
  return showsExamples(command, context.program, [
    ['Review a change', 'policy diff values-old.yaml values-new.yaml'],
  ])
}
