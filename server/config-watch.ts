import { isDeepStrictEqual } from 'node:util'
import { setTimeout as pause } from 'node:timers/promises'
import type { Rules } from '../policies/rules.ts'
import type { Settings } from '../policies/settings.ts'
import type { Config } from './config.ts'
import { parseConfig, readConfigText } from './config-file.ts'
import { watchFiles } from './files.ts'
import type { Log } from './ports.ts'

/** How often the file is read. Mounted ConfigMaps take up to a minute to change anyway. */
const EVERY_MS = 5_000
/** The content must be the same after this time, since a half written file may be valid. An empty file is. */
const STABLE_MS = 200

export interface ConfigWatchParts {
  /** The config file, or null for a configuration that never changes. */
  readonly path: string | null
  /** What the service was started with. */
  readonly config: Config
  readonly rules: Rules
  readonly log: Log
  readonly recorder: {
    policyInForce(hash: string, mode: Settings['mode']): void
    /** The file has new content. `ok` is false if it has faults and the last valid policy stays in force. */
    policyReloaded(ok: boolean): void
  }
  readonly everyMs?: number
}

/** The policy in force, reloaded when its file changes. */
export interface PolicyWatch {
  rules(): Rules
  /** Calls `listener` after each change. */
  subscribe(listener: () => void): void
  stop(): void
}

/**
 * Reloads the policy when the config file changes. A file with faults is logged once with all of them, counted and ignored.
 * The other settings are fixed at the start: a change of them is logged once.
 */
export function watchConfig({ path, config, log, recorder, ...given }: ConfigWatchParts): PolicyWatch {
  const listeners: (() => void)[] = []
  let rules = given.rules
  let inFile = config
  let faulty = false
  let seen: string | undefined

  const keepLastGood = (faults: readonly string[]): void => {
    faulty = true
    log.warn(
      { faults, policyHash: rules.hash },
      'the config file has faults: the last valid policy stays in force',
    )
    recorder.policyReloaded(false)
  }
  const tellRestart = (next: Config): void => {
    const changed = changedGroups(inFile, next)
    inFile = next
    if (changed.length > 0) log.warn({ changed }, 'settings have changed that need a restart')
  }
  const bringIntoForce = (next: Rules): void => {
    if (next.hash === rules.hash && !faulty) return
    log.info({ policyHash: next.hash, before: rules.hash }, 'the policy is valid and in force')
    faulty = false
    recorder.policyReloaded(true)
    if (next.hash === rules.hash) return
    rules = next
    recorder.policyInForce(rules.hash, rules.settings.mode)
    for (const listener of listeners) listener()
  }
  const check = async (file: string): Promise<void> => {
    const read = await readConfigText(file)
    const content = JSON.stringify(read)
    if (content === seen) return
    await pause(STABLE_MS)
    if (JSON.stringify(await readConfigText(file)) !== content) return
    seen = content
    if (!read.ok) return keepLastGood([`${file}: ${read.problem}`])
    const loaded = await parseConfig(read.text, file)
    if (!loaded.ok) return keepLastGood(loaded.faults)
    tellRestart(loaded.config)
    bringIntoForce(loaded.rules)
  }
  recorder.policyInForce(rules.hash, rules.settings.mode)
  const files = path === null ? null : watchFiles([path], given.everyMs ?? EVERY_MS, () => check(path))
  return {
    rules: () => rules,
    subscribe: (listener) => void listeners.push(listener),
    stop: () => files?.stop(),
  }
}

/** The settings at the top, besides the policy, that differ. */
function changedGroups(before: Config, after: Config): readonly string[] {
  const old = new Map<string, unknown>(Object.entries(before))
  return Object.entries(after).flatMap(([name, value]) =>
    name === 'policy' || isDeepStrictEqual(value, old.get(name)) ? [] : [name],
  )
}
