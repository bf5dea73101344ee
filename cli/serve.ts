import type { Writable } from 'node:stream'
import { Command } from 'commander'
import type { Component, Config } from '../server/config.ts'
import { runsOf } from '../server/runs.ts'
import type { StartOptions } from '../server/service.ts'
import { showsExamples } from './command.ts'
import type { Context, Output } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { type BoundedLog, createLog } from './log.ts'
import { serveFlags } from './serve-flags.ts'
import { FLUSH_MS, untilStopped } from './shutdown.ts'

/** What a process of the service is told, besides its config file. */
interface ServeFlags {
  readonly config?: string
  readonly component: Component
  readonly kubeconfig?: string
  readonly context?: string
  readonly logLevel: string
}

/** What `serve` needs of the process. */
interface ServeContext extends Context {
  readonly hostname: string
  /** Takes stdout for the log: from then on a reader that goes away does not end the process. */
  readonly takeStdout: () => Writable
}

/** The `serve` command. */
export function serveCommand(context: ServeContext): Command {
  const command = new Command('serve').description('run the webhook and the controller')
  for (const flag of serveFlags()) command.addOption(flag)
  return showsExamples(command, context.program, [
    ['Run what a config file enables', 'serve --config config.yaml'],
    ['Run only the controller, with the default configuration', 'serve --component controller'],
  ]).action(async (flags: ServeFlags) => context.finish(await serve(flags, context)))
}

async function serve(flags: ServeFlags, context: ServeContext): Promise<number> {
  const { loadConfig } = await import('../server/config-file.ts')
  const loaded = await loadConfig(flags.config ?? null)
  const faults = [...(loaded.ok ? [] : loaded.faults), ...(await furtherFaults(flags, loaded.config))]
  if (!loaded.ok || faults.length > 0) {
    await writeLines(faults, context.stderr)
    return EXIT.usage
  }
  const log = createLog(flags.logLevel, context.takeStdout())
  const file = { path: flags.config ?? null, config: loaded.config, rules: loaded.rules }
  const exitCode = await run(file, flags, log, context)
  await log.flush(FLUSH_MS)
  return exitCode
}

/** Faults that a file can have only for this process, and of the certificate, so that those of the file do not hide them. */
async function furtherFaults({ component }: ServeFlags, config: Config | null): Promise<readonly string[]> {
  if (config === null) return []
  const runs = runsOf(component, config)
  if (!runs.webhook && !runs.controller)
    return [`--component: is ${component}, which the config file does not enable`]
  const { loadServing } = await import('../server/inputs.ts')
  const serving = await loadServing(config, runs)
  return serving.ok ? [] : serving.faults
}

async function run(
  file: StartOptions['file'],
  { component, kubeconfig, context: kubeContext }: ServeFlags,
  { log, dropped }: BoundedLog,
  { env, hostname, version, stderr, nextStop }: ServeContext,
): Promise<number> {
  const stop = nextStop()
  const { startService } = await import('../server/service.ts')
  const starting = startService({
    file,
    component,
    api: {
      env,
      ...(kubeconfig !== undefined && { kubeconfig }),
      ...(kubeContext !== undefined && { context: kubeContext }),
    },
    identity: env['POD_NAME'] ?? hostname,
    version,
    log,
    droppedLines: dropped,
  })
  // A signal during the start stops at once: there are no requests to drain yet.
  const started = await Promise.race([starting, stop])
  if (typeof started === 'string') return 0
  if (!started.ok) {
    await writeLines(started.faults, stderr)
    return EXIT.usage
  }
  log.info({ version, node: process.version }, 'serving')
  return untilStopped(started.service, { log, stop, nextStop, drainMs: file.config.drainSeconds * 1_000 })
}

async function writeLines(lines: readonly string[], { write }: Output): Promise<void> {
  await write(lines.map((line) => `${line}\n`).join(''))
}
