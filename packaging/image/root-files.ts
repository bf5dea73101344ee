import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BUNDLE_NAME } from '../bundle.ts'
import { IMAGE } from './image-config.ts'
import { NODE_VERSION, obtainNode } from './node-binary.ts'
import type { Layer } from './oci.ts'
import { type Architecture, lockedPackages, packageFiles } from './packages.ts'
import type { Entry } from './tar.ts'

/** The two users of distroless images, and the name services of glibc. */
const SYSTEM_FILES = {
  'etc/passwd': [
    'root:x:0:0:root:/root:/sbin/nologin',
    'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin',
  ],
  'etc/group': ['root:x:0:', 'nonroot:x:65532:'],
  'etc/nsswitch.conf': ['passwd: files', 'group: files', 'hosts: files dns'],
}

/** The files of the image, in layers from the least to the most often changed: Debian, Node, program. */
export async function imageLayers(
  root: string,
  bundled: Uint8Array,
  architecture: Architecture,
): Promise<readonly Layer[]> {
  const packages = lockedPackages(architecture)
  const system = await packageFiles(architecture)
  const node = await obtainNode(architecture)
  const license = await readFile(join(root, 'LICENSE'))
  const thirdParty = await readFile(join(root, 'THIRD_PARTY_LICENSES.md'))
  return [
    layer(`Debian: ${packages.map(({ name, version }) => `${name} ${version}`).join(', ')}`, [
      ...system,
      ...Object.entries(SYSTEM_FILES).map(([path, lines]) =>
        file(path, 0o644, Buffer.from(`${lines.join('\n')}\n`)),
      ),
      { type: 'directory', path: 'tmp', mode: 0o1777 },
      { type: 'directory', path: 'home/nonroot', mode: 0o755 },
    ]),
    layer(`Node ${NODE_VERSION}`, [
      file(IMAGE.node, 0o755, node.binary),
      file(IMAGE.nodeLicense, 0o644, node.license),
    ]),
    layer(BUNDLE_NAME, [
      file(IMAGE.program, 0o755, bundled),
      file(IMAGE.license, 0o644, license),
      file(IMAGE.thirdPartyLicenses, 0o644, thirdParty),
    ]),
  ]
}

function file(path: string, mode: number, content: Uint8Array): Entry {
  return { type: 'file', path: path.replace(/^\//, ''), mode, content }
}

/** Adds the folders that contain the entries. */
function layer(comment: string, entries: readonly Entry[]): Layer {
  const present = new Set(entries.map(({ path }) => path))
  const folders = new Set(entries.flatMap(({ path }) => parents(path)).filter((path) => !present.has(path)))
  const added = [...folders].map((path): Entry => ({ type: 'directory', path, mode: 0o755 }))
  return { comment, entries: [...added, ...entries] }
}

function parents(path: string): readonly string[] {
  const folder = dirname(path)
  return folder === '.' ? [] : [folder, ...parents(folder)]
}
