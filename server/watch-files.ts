import { type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'

export interface FileWatch {
  stop(): void
}

/** Time for the other files of a change to arrive. */
const SETTLE_MS = 100

/**
 * Calls `check` every `everyMs`, and soon after anything changes in the folders of `paths`; never twice at once.
 * The timer is what is relied on: mounted ConfigMaps and Secrets swap a symlink, which loses a watch on the file.
 * `check` must not reject.
 */
export function watchFiles(paths: readonly string[], everyMs: number, check: () => Promise<void>): FileWatch {
  let checking = false
  let settling: NodeJS.Timeout | undefined
  const run = async (): Promise<void> => {
    if (checking) return
    checking = true
    await check()
    checking = false
  }
  const soon = (): void => {
    settling ??= setTimeout(() => {
      settling = undefined
      void run()
    }, SETTLE_MS).unref()
  }
  const timer = setInterval(() => void run(), everyMs).unref()
  const watchers = [...new Set(paths.map((path) => dirname(path)))].flatMap((folder) =>
    watchFolder(folder, soon),
  )
  return {
    stop() {
      clearInterval(timer)
      clearTimeout(settling)
      for (const watcher of watchers) watcher.close()
    },
  }
}

/** No watcher where the system gives none: then changes are seen when the timer next fires. */
function watchFolder(folder: string, onChange: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, onChange)
    watcher.on('error', () => watcher.close())
    return [watcher]
  } catch {
    return []
  }
}
