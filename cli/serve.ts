import type { Writable } from 'node:stream'
import { Command, Option } from 'commander'
import type { ServeOptions } from '../server/options.ts'
import { showsExamples } from './command.ts'
import type { Context, Output } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { type BoundedLog, createLog } from './log.ts'
import { allFlags, variableOf } from './serve-flags.ts'
import { readServeOptions } from './serve-options.ts'
import { FLUSH_MS, untilStopped } from './shutdown.ts'

/** What `serve` needs of the process. */
interface ServeContext extends Context {
  readonly hostname: string
  /** Takes stdout for the log: from then on a reader that goes away does not end the process. */
  readonly takeStdout: () => Writable
}

/** The `serve` command. */
export function serveCommand(context: ServeContext): Command {
  const command = new Command('serve').description('run the webhook and the controller')
  for (const flag of allFlags) {
    const option = new Option(`--${flag.name} <${flag.value}>`, `${flag.about} [$${variableOf(flag)}]`)
    command.addOption(option)
    if (flag.initial !== null) option.description += ` (default: ${flag.initial})`
  }
  return showsExamples(command, context.program, [
    [
      'Approve what conforms, without a webhook and without other replicas',
      'serve --webhook=false --leader-elect=false',
    ],
  ]).action(async () => context.finish(await serve(byFlagName(command), context)))
}

function byFlagName(command: Command): Record<string, string | undefined> {
  const given: Readonly<Record<string, unknown>> = command.opts()
  return Object.fromEntries(
    command.options.map((option) => {
      const value = given[option.attributeName()]
      return [option.long?.slice(2) ?? '', typeof value === 'string' ? value : undefined]
    }),
  )
}

async function serve(
  flags: Readonly<Record<string, string | undefined>>,
  context: ServeContext,
): Promise<number> {
  const { env, hostname, stderr } = context
  const reading = readServeOptions({ flags, env, hostname })
  if (!reading.ok) {
    await writeLines([...reading.faults, ...(await faultsOfFiles(reading.options))], stderr)
    return EXIT.usage
  }
  const log = createLog(reading.logLevel, context.takeStdout())
  const exitCode = await run(reading.options, log, context)
  await log.flush(FLUSH_MS)
  return exitCode
}

async function run(
  options: ServeOptions,
  { log, dropped }: BoundedLog,
  context: ServeContext,
): Promise<number> {
  const { env, version, stderr, nextStop } = context
  const stop = nextStop()
  const { startService } = await import('../server/service.ts')
  const starting = startService({ options, version, env, log, droppedLines: dropped })
  // A signal during the start stops at once: there are no requests to drain yet.
  const started = await Promise.race([starting, stop])
  if (typeof started === 'string') return 0
  if (!started.ok) {
    await writeLines(started.faults, stderr)
    return EXIT.usage
  }
  log.info({ version, node: process.version }, 'serving')
  return untilStopped(started.service, { log, stop, nextStop, drainMs: options.drainSeconds * 1_000 })
}

async function writeLines(lines: readonly string[], { write }: Output): Promise<void> {
  await write(lines.map((line) => `${line}\n`).join(''))
}

/** The faults of the files that the flags name, so that faults of the flags do not hide them. */
async function faultsOfFiles({ policy, tls }: ServeOptions): Promise<readonly string[]> {
  const { loadPolicy } = await import('../server/policy/load.ts')
  const { loadCertificate } = await import('../server/tls/files.ts')
  const loaded = [
    await loadPolicy(policy),
    ...(tls?.mode === 'files' ? [await loadCertificate(tls, Date.now())] : []),
  ]
  return loaded.flatMap((part) => (part.ok ? [] : part.faults))
}
