import { Command } from 'commander'
import {
  type FormatOptions,
  formatsWithName,
  showsExamples,
  takesCluster,
  takesFormat,
  takesPolicy,
  takesSelector,
} from './command.ts'
import type { Context } from './context.ts'
import type { ReplayOptions } from './policy/replay.ts'
import type { SuggestOptions } from './policy/suggest.ts'

/** `policy suggest|validate|test|replay`: a policy, before it is installed. */
export function policyCommand(context: Context): Command {
  const command = new Command('policy').description('check and try policies before they are installed')
  const commands = [suggest, validate, test, replay]
  for (const create of commands) command.addCommand(create(context))
  return command
}

const FILE = 'policy file, or chart values with a policy'

function validate(context: Context): Command {
  const command = new Command('validate')
    .summary('list all faults of a policy with their positions')
    .description(
      'Lists all faults of a policy, each with its position. The exit code is 0 if there is none, else 1. Without faults it ' +
        'prints the hash, as in the metric kubelet_csr_gate_policy_info, in conditions and in the log.',
    )
    .argument('<FILE>', FILE)
    .action(async (file: string) => {
      const { validatePolicy } = await import('./policy/read.ts')
      await validatePolicy(file, context)
    })
  return showsExamples(command, context.program, [
    ['Check the values before helm upgrade, or see whether they are in force', 'policy validate values.yaml'],
  ])
}

function test(context: Context): Command {
  const command = takesFormat(new Command('test'), ['table', 'json', 'yaml'])
    .summary('compare decisions with the expected ones, without a cluster')
    .description(
      'Judges the requests of one or more files by a policy and some Nodes, and compares the decisions of the ' +
        'controller with the expected ones: docs/policy-cli.md has the format. The exit code is 0 if all are as expected, ' +
        '1 if one is not, 2 if a file is not valid.',
    )
    .argument('<FILE...>', 'files with a policy, Nodes and cases')
    .action(async (files: readonly string[], options: FormatOptions) => {
      const { testPolicies } = await import('./policy/cases/run.ts')
      await testPolicies(files, options, context)
    })
  return showsExamples(command, context.program, [
    ['In CI, before the values are applied', 'policy test policy-cases.yaml'],
  ])
}

function replay(context: Context): Command {
  const command = takesPolicy(takesFormat(takesCluster(new Command('replay')), formatsWithName))
    .summary('show which stored CSRs a policy would decide differently')
    .description(
      'Judges the stored CSRs of the cluster by a policy, and shows those that kubelet-csr-gate or another approver ' +
        'decided differently. Writes nothing. The exit code is 0 if there is none, else 1.',
    )
    .action(async (options: ReplayOptions) => {
      const { replayPolicy } = await import('./policy/replay.ts')
      await replayPolicy(options, context)
    })
  return showsExamples(command, context.program, [
    ['Before helm upgrade: what would change', 'policy replay --policy values-new.yaml'],
    ['Beside another approver: what would be refused', 'policy replay --policy gate-values.yaml'],
  ])
}

function suggest(context: Context): Command {
  const command = takesSelector(takesFormat(takesCluster(new Command('suggest')), ['yaml', 'json']))
    .summary('print patterns and prefixes that match the Nodes')
    .description(
      'Prints chart values with patterns and prefixes that match all names and addresses of the present Nodes. ' +
        'Nodes that join later must match too.',
    )
    .action(async (options: SuggestOptions) => {
      const { suggestPolicy } = await import('./policy/suggest.ts')
      await suggestPolicy(options, context)
    })
  return showsExamples(command, context.program, [
    ['Restrict names and addresses to those of the fleet', 'policy suggest > policy-values.yaml'],
    ['The same for the Nodes of one pool', 'policy suggest -l pool=a'],
  ])
}
