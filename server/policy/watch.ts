import { setTimeout as pause } from 'node:timers/promises'
import type { Rules } from '../../policies/rules.ts'
import type { Log } from '../ports.ts'
import { watchFiles } from '../watch-files.ts'
import { parsePolicy, readPolicyText } from './load.ts'

/** How often a policy file is read again: mounted ConfigMaps change within a minute anyway. */
const EVERY_MS = 5_000
/** A file must read the same this much later: one that is being written may read as a good policy, an empty one does. */
const SETTLED_MS = 200

export interface PolicyWatchParts {
  readonly path: string
  /** The policy that serving starts with. */
  readonly first: Rules
  readonly log: Log
  /** A file with other content was read: `ok`, or it has faults and the last good policy stays in force. */
  readonly reloaded: (ok: boolean) => void
  /** Called with each policy that comes into force after the first. */
  readonly onChange: (rules: Rules) => void
  readonly everyMs?: number
}

/** The policy in force, which follows its file. */
export interface PolicyWatch {
  rules(): Rules
  stop(): void
}

/** Follows a policy file. A bad one is told once with all its faults, counted, and changes nothing. */
export function watchPolicy({
  path,
  first,
  log,
  reloaded,
  onChange,
  everyMs = EVERY_MS,
}: PolicyWatchParts): PolicyWatch {
  let rules = first
  let faulty = false
  let seen: string | undefined

  const keepLastGood = (faults: readonly string[]): void => {
    faulty = true
    log.warn(
      { faults, policyHash: rules.hash },
      'the policy file has faults: the last good policy stays in force',
    )
    reloaded(false)
  }
  const bringIntoForce = (next: Rules): void => {
    if (next.hash === rules.hash && !faulty) return
    log.info({ policyHash: next.hash, before: rules.hash }, 'the policy file is good: it is in force')
    faulty = false
    reloaded(true)
    if (next.hash === rules.hash) return
    rules = next
    onChange(rules)
  }
  const check = async (): Promise<void> => {
    const read = await readPolicyText(path)
    const content = JSON.stringify(read)
    if (content === seen) return
    await pause(SETTLED_MS)
    if (JSON.stringify(await readPolicyText(path)) !== content) return
    seen = content
    if (!read.ok) return keepLastGood([`${path}: ${read.problem}`])
    const loaded = await parsePolicy(read.text, path)
    return loaded.ok ? bringIntoForce(loaded.rules) : keepLastGood(loaded.faults)
  }
  const files = watchFiles([path], everyMs, check)
  return { rules: () => rules, stop: () => files.stop() }
}
