import { join } from 'node:path'
import { BUNDLE_NAME, writeBundle } from '../../../packaging/bundle.ts'
import { ENTRYPOINT } from '../../../packaging/image/image-config.ts'

/** What the image runs, built anew: Node's arguments up to `serve`. */
export async function shippedProgram(): Promise<readonly string[]> {
  const root = join(import.meta.dirname, '..', '..', '..')
  await writeBundle(root)
  return [...ENTRYPOINT.slice(1, -1), join(root, 'dist', BUNDLE_NAME)]
}
