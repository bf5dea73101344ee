import type { Argument, Command, Option } from 'commander'

/** A flag, as completion needs it. */
export interface CompletedFlag {
  readonly short: string | null
  readonly long: string
  readonly about: string
  /** Null if it takes no value. */
  readonly value: CompletedValue | null
}

/** The values to offer; `files` if it names a file. */
export interface CompletedValue {
  readonly choices: readonly string[]
  readonly files: boolean
}

/** One command with what may follow it. */
export interface CompletedCommand {
  /** The words that lead to it: none for the program, two for a subcommand. */
  readonly path: readonly string[]
  readonly about: string
  readonly subcommands: readonly { readonly name: string; readonly about: string }[]
  readonly flags: readonly CompletedFlag[]
  readonly argument: CompletedValue
}

/** All commands below `command`, and itself first. */
export function commandsOf(command: Command, path: readonly string[] = []): CompletedCommand[] {
  const inner = command.commands
  const own: CompletedCommand = {
    path,
    about: aboutOf(command),
    subcommands: inner.map((one) => ({ name: one.name(), about: aboutOf(one) })),
    flags: [...command.options.map(flagOf), HELP],
    argument: argumentOf(command.registeredArguments),
  }
  return [own, ...inner.flatMap((one) => commandsOf(one, [...path, one.name()]))]
}

const HELP: CompletedFlag = { short: '-h', long: '--help', about: 'show the help', value: null }
const FILE = /FILE/u

function aboutOf(command: Command): string {
  return plain(command.summary() || command.description())
}

function flagOf({ short, long, description, required, optional, argChoices, flags }: Option): CompletedFlag {
  const value = required || optional ? { choices: argChoices ?? [], files: FILE.test(flags) } : null
  return { short: short ?? null, long: long ?? '', about: plain(description), value }
}

function argumentOf(registered: readonly Argument[]): CompletedValue {
  return {
    choices: registered.flatMap(({ argChoices }) => argChoices ?? []),
    files: registered.some((argument) => FILE.test(argument.name())),
  }
}

/** Without what a shell may read as its own, and no longer than a line. */
function plain(text: string): string {
  const [first = ''] = text.split('\n')
  return first.replaceAll(/[^\w ,.:;()/-]/gu, '').slice(0, 80)
}
