/** The manifests as `node packaging/main.ts manifests` writes them. */
import { join } from 'node:path'
import { run } from '../kit/child.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../kit/directory.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'packaging', 'main.ts')
/** Go builds Helm the first time: two minutes, longer on a busy machine. */
const BUILD_MS = 15 * 60_000

export async function buildManifests(): Promise<TemporaryDirectory> {
  const folder = await temporaryDirectory('manifests')
  await run([process.execPath, MAIN, 'manifests', `--output=${folder.path}`], { timeoutMs: BUILD_MS })
  return folder
}
