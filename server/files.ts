import { type FSWatcher, watch } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The text of a file, or the problem, worded to follow the file's path. */
export type TextReading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string }

/** Reads a file of UTF-8 text of at most `maxBytes`. */
export async function readText(path: string, maxBytes: number): Promise<TextReading> {
  try {
    await using file = await open(path)
    const buffer = Buffer.alloc(maxBytes + 1)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    if (bytesRead > maxBytes) return { ok: false, problem: `is larger than ${maxBytes} bytes` }
    return { ok: true, text: buffer.toString('utf8', 0, bytesRead) }
  } catch (error) {
    return { ok: false, problem: `cannot be read: ${error instanceof Error ? error.message : String(error)}` }
  }
}

export interface FileWatch {
  stop(): void
}

/** Wait after a change, so that the other files of the same change are written too. */
const QUIET_MS = 100

/**
 * Calls `check` every `everyMs`, and soon after a change in the folders of `paths`. Calls never overlap.
 * The timer is what counts: mounted ConfigMaps and Secrets swap a symlink, so a watch on the file itself is lost.
 * `check` must not reject.
 */
export function watchFiles(paths: readonly string[], everyMs: number, check: () => Promise<void>): FileWatch {
  let checking = false
  let waiting: NodeJS.Timeout | undefined
  const run = async (): Promise<void> => {
    if (checking) return
    checking = true
    await check()
    checking = false
  }
  const soon = (): void => {
    waiting ??= setTimeout(() => {
      waiting = undefined
      void run()
    }, QUIET_MS).unref()
  }
  const timer = setInterval(() => void run(), everyMs).unref()
  const watchers = [...new Set(paths.map((path) => dirname(path)))].flatMap((folder) =>
    watchFolder(folder, soon),
  )
  return {
    stop() {
      clearInterval(timer)
      clearTimeout(waiting)
      for (const watcher of watchers) watcher.close()
    },
  }
}

/** Empty if the system allows no watcher. Changes are then seen when the timer next fires. */
function watchFolder(folder: string, onChange: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, onChange)
    watcher.on('error', () => watcher.close())
    return [watcher]
  } catch {
    return []
  }
}
