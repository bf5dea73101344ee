import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import project from '../package.json' with { type: 'json' }
import { writeBundle } from './bundle.ts'
import { obtainNode } from './image/node-binary.ts'
import { imageArchive } from './image/oci.ts'
import { imageLayers } from './image/root-files.ts'

/**
 * `npm run build` makes the bundle, `npm run image` the bundle and the image archive around it;
 * `npm run build -- node` the bundle and, for the Dockerfile, the pinned Node of this machine's architecture.
 */
const root = join(import.meta.dirname, '..')
const [target] = process.argv.slice(2)

const say = (line: string): boolean => process.stderr.write(`${line}\n`)
const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`

const { code } = await writeBundle(root)
say(`dist/kubelet-csr-gate.mjs: ${mebibytes(code.length)}`)

if (target === 'image') {
  const { version } = project
  const date = Number(process.env['SOURCE_DATE_EPOCH'] ?? 0)
  const layers = await imageLayers(root, code, 'amd64')
  const archive = imageArchive({
    reference: `kubelet-csr-gate:${version}`,
    version,
    architecture: 'amd64',
    layers,
    date,
  })
  const path = `dist/kubelet-csr-gate-${version}-linux-amd64.tar`
  await mkdir(join(root, 'dist'), { recursive: true })
  await writeFile(join(root, path), archive)
  say(`${path}: ${mebibytes(archive.length)}; import with: ctr -n k8s.io images import ${path}`)
}

if (target === 'node') {
  const { binary, license } = await obtainNode(process.arch === 'arm64' ? 'arm64' : 'amd64')
  await writeFile(join(root, 'dist/node'), binary, { mode: 0o755 })
  await writeFile(join(root, 'dist/node.LICENSE'), license)
}
