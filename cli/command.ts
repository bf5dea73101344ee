import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Context } from './context.ts'
import type { Problem } from './exit-codes.ts'
import type { Format } from './output/format.ts'
import { duration, type Reader } from './values.ts'

/** What every command that reads a cluster takes. */
export interface ClusterOptions {
  readonly kubeconfig?: string
  readonly context?: string
  /** Of the installed kubelet-csr-gate; undefined: it is found by its label. */
  readonly namespace?: string
  readonly as?: string
  readonly asGroup?: readonly string[]
  /** Milliseconds. */
  readonly requestTimeout?: number
}

/** Adds the flags that say which cluster, as whom, and for how long. */
export function takesCluster(command: Command): Command {
  return command
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .option(
      '-n, --namespace <NAMESPACE>',
      'namespace of the installed kubelet-csr-gate (default: found by its label)',
    )
    .option('--as <USER>', 'user to impersonate')
    .option('--as-group <GROUP>', 'group to impersonate; once for each group', addTo)
    .option('--request-timeout <DURATION>', 'time limit of each call (default: 10s)', readBy(duration))
}

export function kubeconfigOption(): Option {
  return new Option(
    '--kubeconfig <FILE>',
    "kubeconfig file (default: those of $KUBECONFIG, else the pod's service account, else ~/.kube/config)",
  )
}

export function contextOption(): Option {
  return new Option('--context <NAME>', 'context in the kubeconfig')
}

const addTo = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

/** What a command takes that can look at several clusters. */
export interface ClustersOptions extends ClusterOptions {
  readonly allContexts: boolean
}

export function takesClusters(command: Command): Command {
  return takesCluster(command).addOption(
    new Option('--all-contexts', 'the cluster of each context in the kubeconfig')
      .default(false)
      .conflicts('context'),
  )
}

/** What every command with a result takes. */
export interface FormatOptions {
  readonly output: Format
}

/** Of commands whose rows are objects that kubectl takes. */
export const formatsWithName = ['table', 'wide', 'json', 'yaml', 'name'] as const

/** Adds `-o, --output`; the first format is the default. As kubectl, it takes `-o=json` as well. */
export function takesFormat(
  command: Command,
  formats: readonly [Format, ...(readonly Format[])] = ['table', 'wide', 'json', 'yaml'],
): Command {
  const option = new Option('-o, --output <FORMAT>', 'format of the result').choices(formats)
  const { parseArg } = option
  return command.addOption(
    option.default(formats[0]).argParser((text) => parseArg?.(text.replace(/^=/u, ''), formats[0])),
  )
}

export interface SelectorOptions {
  readonly selector?: string
}

/** Adds `-l, --selector`. */
export function takesSelector(command: Command): Command {
  return command.option('-l, --selector <SELECTOR>', 'only Nodes with these labels, such as pool=a,!test')
}

export function watchOption(about: string): Option {
  return new Option('-w, --watch', about).default(false)
}

/** Adds `--policy`. */
export function takesPolicy(command: Command): Command {
  return command.option(
    '--policy <FILE>',
    'policy file or chart values (default: the installed policy, else the default policy)',
  )
}

/** An example for the help: what it does, and the arguments after the name of the program. */
export type Example = readonly [purpose: string, args: string]

/** Adds examples to the help. Each command has at least one. */
export function showsExamples(command: Command, program: string, examples: readonly Example[]): Command {
  const lines = examples.map(([purpose, args]) => `  # ${purpose}\n  ${program} ${args}\n`)
  return command.addHelpText('after', `\nExamples:\n${lines.join('')}`)
}

/** Reads the value of an option or argument for commander, which prints what it must be. */
export function readBy<T>(reader: Reader<T>): (text: string) => T {
  return (text) => {
    const reading = reader(text)
    if (!reading.ok) throw new InvalidArgumentError(`It must be ${reading.wanted}.`)
    return reading.value
  }
}

/** Ends a command: prints the problem in one line, and passes on its exit code. */
export async function failWith({ message, exitCode }: Problem, context: Context): Promise<void> {
  await context.stderr.write(`${context.program}: ${message}\n`)
  context.finish(exitCode)
}
