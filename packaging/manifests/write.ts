import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import project from '../../package.json' with { type: 'json' }
import { manifests } from './manifests.ts'

export function defaultFolder(root: string): string {
  return join(root, 'dist', 'manifests')
}

/**
 * Writes the manifests, and the kustomize base below `kustomize/`. They name the image by tag: only a release knows its
 * digest.
 * @param registry where the image was pushed; null if it is imported on the nodes, which then pull nothing
 * @returns the paths of the files
 */
export async function writeManifests(
  root: string,
  folder: string,
  registry: string | null,
): Promise<readonly string[]> {
  const { files, kustomize } = await manifests(root, project.version, { registry, digest: '' })
  const base = join(folder, 'kustomize')
  // a file of an earlier build is none of this one
  await rm(base, { recursive: true, force: true })
  await mkdir(base, { recursive: true })
  const paths: string[] = []
  const write = async (path: string, text: string): Promise<void> => {
    await writeFile(path, text)
    paths.push(path)
  }
  for (const [name, text] of files) await write(join(folder, name), text)
  for (const [name, text] of kustomize) await write(join(base, name), text)
  return paths
}
