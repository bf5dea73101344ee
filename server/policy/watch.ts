import { setTimeout as pause } from 'node:timers/promises'
import type { Rules } from '../../policies/rules.ts'
import type { Log } from '../ports.ts'
import { watchFiles } from '../files.ts'
import { parsePolicy, readPolicyText } from './load.ts'

/** How often the policy file is read. Mounted ConfigMaps take up to a minute to change anyway. */
const EVERY_MS = 5_000
/** The content must be the same after this time, since a half written file may be a valid policy. An empty file is one. */
const STABLE_MS = 200

export interface PolicyWatchParts {
  /** The policy file, or null for a policy that never changes. */
  readonly path: string | null
  /** The initial policy. */
  readonly first: Rules
  readonly log: Log
  readonly recorder: {
    policyInForce(hash: string): void
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

/** Reloads the policy file when it changes. A file with faults is logged once with all of them, counted and ignored. */
export function watchPolicy({
  path,
  first,
  log,
  recorder,
  everyMs = EVERY_MS,
}: PolicyWatchParts): PolicyWatch {
  const listeners: (() => void)[] = []
  let rules = first
  let faulty = false
  let seen: string | undefined

  const keepLastGood = (faults: readonly string[]): void => {
    faulty = true
    log.warn(
      { faults, policyHash: rules.hash },
      'the policy file has faults: the last valid policy stays in force',
    )
    recorder.policyReloaded(false)
  }
  const bringIntoForce = (next: Rules): void => {
    if (next.hash === rules.hash && !faulty) return
    log.info({ policyHash: next.hash, before: rules.hash }, 'the policy file is valid and in force')
    faulty = false
    recorder.policyReloaded(true)
    if (next.hash === rules.hash) return
    rules = next
    recorder.policyInForce(rules.hash)
    for (const listener of listeners) listener()
  }
  const check = async (file: string): Promise<void> => {
    const read = await readPolicyText(file)
    const content = JSON.stringify(read)
    if (content === seen) return
    await pause(STABLE_MS)
    if (JSON.stringify(await readPolicyText(file)) !== content) return
    seen = content
    if (!read.ok) return keepLastGood([`${file}: ${read.problem}`])
    const loaded = await parsePolicy(read.text, file)
    return loaded.ok ? bringIntoForce(loaded.rules) : keepLastGood(loaded.faults)
  }
  recorder.policyInForce(first.hash)
  const files = path === null ? null : watchFiles([path], everyMs, () => check(path))
  return {
    rules: () => rules,
    subscribe: (listener) => void listeners.push(listener),
    stop: () => files?.stop(),
  }
}
