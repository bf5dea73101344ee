#!/usr/bin/env node
/** The command line. Only this folder reads argv, the environment and signals, and sets exit codes. */
import { hostname } from 'node:os'
import { Command, CommanderError } from 'commander'
import project from '../package.json' with { type: 'json' }
import { parseCommand } from './parse.ts'
import { EXIT_CONFIGURATION, serveCommand } from './serve.ts'

const EXIT_FAILURE = 1

const print = (line: string): boolean => process.stdout.write(`${line}\n`)
const printError = (line: string): boolean => process.stderr.write(`${line}\n`)

/** The listeners stay: without one, a further signal would end the process in the middle of its stop. */
function nextStop(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, resolve)
  return promise
}

/** A closed pipe, as after `| head`, is not a failure. */
const endQuietly = () => process.exit(0)
process.stdout.on('error', endQuietly)

function takeStdout(): typeof process.stdout {
  process.stdout.off('error', endQuietly)
  return process.stdout
}

function write(text: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  process.stdout.write(text, () => resolve())
  return promise
}

function createProgram(finish: (exitCode: number) => void): Command {
  const { version } = project
  const context = { version, env: process.env, hostname: hostname(), nextStop, printError, takeStdout }
  const program = new Command('kubelet-csr-gate')
    .description(project.description)
    .exitOverride()
    .addCommand(serveCommand(context, finish))
    .addCommand(parseCommand({ stdin: process.stdin, write, finish }))
  program
    .command('version')
    .description('print the version')
    .action(() => void print(`kubelet-csr-gate ${version} on Node ${process.version}`))
  // Without this, commander ends the process itself when a subcommand fails.
  for (const command of program.commands) command.exitOverride()
  return program
}

async function run(argv: readonly string[]): Promise<number> {
  let exitCode = 0
  const program = createProgram((code) => {
    exitCode = code
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CONFIGURATION
    printError(`kubelet-csr-gate: ${error instanceof Error ? error.message : String(error)}`)
    return EXIT_FAILURE
  }
}

process.exit(await run(process.argv.slice(2)))
