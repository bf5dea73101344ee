import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Context } from './context.ts'
import type { Problem } from './exit-codes.ts'
import type { Format } from './output/format.ts'
import type { Reader } from './values.ts'

/** What every command that talks to a cluster takes. */
export interface ClusterOptions {
  readonly kubeconfig?: string
  readonly context?: string
}

/** What every command that prints a table takes. */
export interface FormatOptions {
  readonly output: Format
}

/** Adds `--kubeconfig` and `--context`. */
export function takesCluster(command: Command): Command {
  return command
    .option(
      '--kubeconfig <FILE>',
      "kubeconfig file (default: $KUBECONFIG, else the pod's service account, else ~/.kube/config)",
    )
    .option('--context <NAME>', 'context in the kubeconfig')
}

/** Adds `-o, --output`. As kubectl, it takes `-o=json` as well. */
export function takesFormat(command: Command): Command {
  const option = new Option('-o, --output <FORMAT>', 'table, json or yaml')
    .choices(['table', 'json', 'yaml'] satisfies Format[])
    .default('table')
  const { parseArg } = option
  return command.addOption(option.argParser((text) => parseArg?.(text.replace(/^=/u, ''), 'table')))
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
