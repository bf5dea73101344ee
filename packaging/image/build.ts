import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import project from '../../package.json' with { type: 'json' }
import { obtainNode } from './node-binary.ts'
import { imageArchive, imageOf } from './oci.ts'
import { imageLayers } from './root-files.ts'

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'

/** Writes the image archive for this machine's architecture into `dist/`; returns its path below `root`. */
export async function buildImage(root: string, bundled: Uint8Array): Promise<string> {
  const { version } = project
  const date = Number(process.env['SOURCE_DATE_EPOCH'] ?? 0)
  const layers = await imageLayers(root, bundled, architecture)
  const image = await imageOf({ version, architecture, layers, repository: null, date })
  const path = `dist/kubelet-csr-gate-${version}.oci.tar`
  const { archive } = await imageArchive(version, new Map([[architecture, image]]), date)
  await writeFile(join(root, path), archive)
  return path
}

/** Writes the pinned Node of this machine's architecture into `dist/`, for the Dockerfile. */
export async function writeNode(root: string): Promise<void> {
  const { binary, license } = await obtainNode(architecture)
  await writeFile(join(root, 'dist/node'), binary, { mode: 0o755 })
  await writeFile(join(root, 'dist/node.LICENSE'), license)
}
