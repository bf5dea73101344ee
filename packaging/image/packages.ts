import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import locked from './packages.lock.json' with { type: 'json' }
import { type Download, obtain, type Pinned } from './pinned.ts'
import { type Entry, readTar } from './tar.ts'

/** A Debian binary package, pinned. */
export interface Package {
  readonly name: string
  readonly version: string
  readonly file: string
  readonly sha256: string
}

/** By the names of Debian, Go and OCI. */
export type Architecture = 'amd64' | 'arm64'

export const ARCHITECTURES: readonly Architecture[] = ['amd64', 'arm64']

const run = promisify(execFile)
/** The largest package, libc6, unpacks to 13 MB. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024
const UNWANTED =
  /^(etc\/(issue|update-motd|dpkg)|usr\/share\/(?!doc\/|common-licenses\/)|usr\/lib\/.*\/gconv\/)/
const DOCUMENTATION = /^usr\/share\/doc\//
/** A package's copyright, or the link to the package that holds it. */
const COPYRIGHT = /^usr\/share\/doc\/[^/]+(\/copyright)?$/

/** The libraries that the Node binary links against, and base-files, which names the distribution. */
export function lockedPackages(architecture: Architecture): readonly Package[] {
  return locked[architecture]
}

/**
 * The files of the locked packages, without manuals, translations and converters, and the entries by which scanners
 * recognise them (`/var/lib/dpkg/status.d`, as in distroless images).
 */
export async function packageFiles(architecture: Architecture): Promise<readonly Entry[]> {
  const packages = lockedPackages(architecture)
  const paths = await obtain(packages.map(pinned), fromArchive(architecture))
  return (await Promise.all(paths.map((path, at) => unpack(path, packages[at]?.name ?? path)))).flat()
}

function pinned({ file, sha256 }: Package): Pinned {
  return {
    file,
    algorithm: 'sha256',
    encoding: 'hex',
    digest: sha256,
    lock: 'packaging/image/packages.lock.json',
  }
}

/** Uses the apt sources of this machine, with an index of its own: current, for any architecture, and temporary. */
function fromArchive(architecture: Architecture): Download {
  return async ({ missing, folder, run: runHere }) => {
    const state = join(folder, 'apt')
    const options = [
      `APT::Architecture=${architecture}`,
      `APT::Architectures::=${architecture}`,
      `Dir::State=${state}`,
      'Dir::State::status=/dev/null',
      `Dir::Cache=${state}`,
    ].flatMap((option) => ['-o', option])
    for (const part of ['lists', 'archives']) await mkdir(join(state, part, 'partial'), { recursive: true })
    await runHere('apt-get', [...options, '-q', 'update'])
    const wanted = lockedPackages(architecture).filter((deb) => missing.some(({ file }) => file === deb.file))
    const exact = wanted.map(({ name, version }) => `${name}=${version}`)
    await runHere('apt-get', [...options, '-q', 'download', ...exact])
  }
}

async function unpack(path: string, name: string): Promise<readonly Entry[]> {
  const limits = { encoding: 'buffer', maxBuffer: MAX_UNPACKED_BYTES } as const
  const [files, status] = await Promise.all([
    run('dpkg-deb', ['--fsys-tarfile', path], limits),
    run('dpkg-deb', ['--field', path], limits),
  ])
  const entries = await readTar(files.stdout)
  const kept = entries.filter((entry) => entry.type !== 'directory' && isWanted(entry.path))
  return [
    ...kept,
    { type: 'file', path: `var/lib/dpkg/status.d/${name}`, mode: 0o644, content: status.stdout },
  ]
}

function isWanted(path: string): boolean {
  return DOCUMENTATION.test(path) ? COPYRIGHT.test(path) : !UNWANTED.test(path)
}
