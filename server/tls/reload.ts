import { isDeepStrictEqual } from 'node:util'
import { type FileWatch, watchFiles } from '../files.ts'
import type { Log } from '../ports.ts'

export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: readonly string[] }

interface ReloadOptions<Content, Value> {
  readonly paths: readonly string[]
  /** What was in the files at the start. */
  readonly first: Value
  /** Must not reject, nor must `check` throw. */
  readonly read: () => Promise<Content>
  readonly check: (content: Content) => Checked<Value>
  readonly log: Log
  /** Logged with a change, and with one that has faults. */
  readonly messages: { readonly changed: string; readonly faulty: string }
  /** Logged with a change. */
  readonly fieldsOf: (value: Value) => object
  /** Called when the files have new content. `ok` is false if it has faults. */
  readonly onRead?: (ok: boolean) => void
  readonly onChange?: (value: Value) => void
  readonly everyMs?: number
}

/** What files contain now. */
export interface Reloaded<Value> extends FileWatch {
  current(): Value
}

/** The polling interval of controller-runtime's certwatcher. */
const EVERY_MS = 10_000

/** Reads files again when they change. New content with faults is logged once and ignored: the previous stays in use. */
export function reload<Content, Value>(options: ReloadOptions<Content, Value>): Reloaded<Value> {
  const { paths, first, read, check, log, messages, fieldsOf, everyMs = EVERY_MS } = options
  let current = first
  let isFaulty = false
  let seen: Content | undefined
  const files = watchFiles(paths, everyMs, async () => {
    const content = await read()
    if (isDeepStrictEqual(content, seen)) return
    seen = content
    const checked = check(content)
    if (checked.ok && !isFaulty && isDeepStrictEqual(checked.value, current)) return
    isFaulty = !checked.ok
    options.onRead?.(checked.ok)
    if (!checked.ok) {
      log.warn({ faults: checked.faults }, messages.faulty)
      return
    }
    current = checked.value
    log.info(fieldsOf(current), messages.changed)
    options.onChange?.(current)
  })
  return { current: () => current, stop: () => files.stop() }
}
