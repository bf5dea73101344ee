import { Command, Help, type Option } from 'commander'
import type { Writable } from 'node:stream'
import project from '../package.json' with { type: 'json' }
import { showsExamples } from './command.ts'
import { approveCommand } from './approve.ts'
import { completionCommand } from './completion.ts'
import type { Context } from './context.ts'
import { doctorCommand } from './doctor.ts'
import { EXIT } from './exit-codes.ts'
import { explainCommand } from './explain.ts'
import { ownersCommand } from './owners.ts'
import { policyCommand } from './policy.ts'
import { releaseCommand } from './release.ts'
import { reportCommand } from './report.ts'
import { serveCommand } from './serve.ts'
import { statusCommand } from './status.ts'

/** What `serve` needs besides, since it owns the process. */
export interface ProcessContext extends Context {
  readonly takeStdout: () => Writable
}

/** All commands, in the order of `--help`. */
export function createProgram(context: ProcessContext): Command {
  const program = new Command(context.program)
    .description(project.description)
    .version(versionText(context), '--version', 'print the version')
    .exitOverride()
  const commands = [
    serveCommand(context),
    statusCommand(context),
    explainCommand(context),
    doctorCommand(context),
    approveCommand(context),
    ownersCommand(context),
    releaseCommand(context),
    policyCommand(context),
    reportCommand(context),
    completionCommand(context, () => program),
    versionCommand(context),
  ]
  for (const command of commands) program.addCommand(command)
  overrideExits(program)
  return program
}

/** Without this, commander ends the process itself when a subcommand fails. */
function overrideExits(command: Command): void {
  for (const inner of command.commands) {
    inner.exitOverride().configureHelp({ optionDescription })
    overrideExits(inner)
  }
}

/** The help does not say of each flag that it is off. */
function optionDescription(option: Option): string {
  const isEmpty = option.defaultValue === false || Array.isArray(option.defaultValue)
  return isEmpty ? option.description : new Help().optionDescription(option)
}

function versionText({ version }: Context): string {
  return `kubelet-csr-gate ${version} on Node ${process.version}`
}

function versionCommand(context: Context): Command {
  const { program, stdout, finish } = context
  const command = new Command('version').description('print the version')
  return showsExamples(command, program, [['Print the version', 'version']]).action(async () => {
    await stdout.write(`${versionText(context)}\n`)
    finish(EXIT.ok)
  })
}
