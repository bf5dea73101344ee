import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { sha256 } from '../digest.ts'
import { obtainNode } from '../image/node-binary.ts'
import { type Architecture, ARCHITECTURES } from '../image/packages.ts'
import { type Entry, textFile, writeTar } from '../image/tar.ts'
import { completionScripts } from './completion.ts'
import { executable } from './executable.ts'
import { krewManifest } from './krew.ts'
import { npmPackage } from './npm-package.ts'

export interface CliBuild {
  readonly version: string
  /** `owner/name` on GitHub; null in a dry run leaves a placeholder. */
  readonly repository: string | null
  /** Seconds since the epoch. */
  readonly date: number
  readonly bundled: Uint8Array
}

export interface CliArtifacts {
  /** For `npm publish`. */
  readonly npm: Uint8Array
  readonly executables: readonly { readonly architecture: Architecture; readonly archive: Uint8Array }[]
  readonly krew: string
}

/** The archive of the executable for one architecture. */
export function executableArchiveName(version: string, architecture: Architecture): string {
  return `kubelet-csr-gate-${version}-cli-linux-${architecture}.tar.gz`
}

/** The command line as npm package, executables and plugin of kubectl. */
export async function cliArtifacts(root: string, build: CliBuild): Promise<CliArtifacts> {
  const { version, date, bundled } = build
  const repository = build.repository ?? '<owner>/<repository>'
  const completion = await completionScripts(bundled)
  const npm = await npmPackage(root, { bundled, completion }, { version, repository })
  const executables = []
  for (const architecture of ARCHITECTURES) {
    const entries = await executableEntries(root, architecture, completion)
    executables.push({ architecture, archive: gzipSync(await writeTar(entries, date)) })
  }
  const archives = executables.map(({ architecture, archive }) => ({
    architecture,
    url: `https://github.com/${repository}/releases/download/v${version}/${executableArchiveName(version, architecture)}`,
    sha256: sha256(archive),
  }))
  return {
    npm: gzipSync(await writeTar(npm, date)),
    executables,
    krew: krewManifest({ version, repository }, archives),
  }
}

async function executableEntries(
  root: string,
  architecture: Architecture,
  completion: readonly Entry[],
): Promise<readonly Entry[]> {
  const { license } = await obtainNode(architecture)
  const copied = async (name: string): Promise<Entry> =>
    textFile(name, await readFile(join(root, name), 'utf8'))
  return [
    {
      type: 'file',
      path: 'kubelet-csr-gate',
      mode: 0o755,
      content: await executable(root, architecture),
    },
    await copied('LICENSE'),
    await copied('THIRD_PARTY_LICENSES.md'),
    { type: 'file', path: 'LICENSE.node', mode: 0o644, content: license },
    ...completion,
  ]
}
