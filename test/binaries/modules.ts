/** The sources of a Go module that a toolchain pins, for what is no program: definitions, mostly. */
import { join } from 'node:path'
import { textAt } from '../../server/json.ts'
import { run } from '../kit/child.ts'

const TOOLCHAINS = join(import.meta.dirname, 'toolchain')
/** Archives of a few MB, when they are not in Go's cache. */
const DOWNLOAD_MS = 300_000

/** The folder where Go keeps the module; downloads it into there first, if need be. */
export async function moduleFolder(toolchain: string, module: string): Promise<string> {
  const stdout = await run(['go', 'mod', 'download', '-json', module], {
    cwd: join(TOOLCHAINS, toolchain),
    timeoutMs: DOWNLOAD_MS,
  })
  return textAt(JSON.parse(stdout), 'Dir')
}
