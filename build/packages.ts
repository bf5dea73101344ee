import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import locked from './packages.lock.json' with { type: 'json' }
import { type Entry, readTar } from './tar.ts'

/** A Debian binary package, pinned: a changed byte fails the build. */
export interface Package {
  readonly name: string
  readonly version: string
  readonly file: string
  readonly sha256: string
}

/** The processor as Debian, Go and OCI call it. */
export type Architecture = 'amd64'

const run = promisify(execFile)
/** The largest package, libc6, unpacks to 13 MB. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024
const UNWANTED =
  /^(etc\/(issue|update-motd|dpkg)|usr\/share\/(?!doc\/|common-licenses\/)|usr\/lib\/.*\/gconv\/)/
const DOCUMENTATION = /^usr\/share\/doc\//
/** A package's copyright, or the link to the package that holds it. */
const COPYRIGHT = /^usr\/share\/doc\/[^/]+(\/copyright)?$/

/** The packages that the Node binary links against, and the files that name the distribution. */
export function lockedPackages(architecture: Architecture): readonly Package[] {
  return locked[architecture]
}

/**
 * The files of one package, without manuals, translations and converters, plus the entry by which
 * scanners recognise it (`/var/lib/dpkg/status.d`, as distroless images have it).
 */
export async function packageFiles(deb: Package): Promise<readonly Entry[]> {
  const path = await obtain(deb)
  const limits = { encoding: 'buffer', maxBuffer: MAX_UNPACKED_BYTES } as const
  const [files, status] = await Promise.all([
    run('dpkg-deb', ['--fsys-tarfile', path], limits),
    run('dpkg-deb', ['--field', path], limits),
  ])
  const kept = readTar(files.stdout).filter((entry) => entry.type !== 'directory' && isWanted(entry.path))
  return [
    ...kept,
    { type: 'file', path: `var/lib/dpkg/status.d/${deb.name}`, mode: 0o644, content: status.stdout },
  ]
}

function isWanted(path: string): boolean {
  return DOCUMENTATION.test(path) ? COPYRIGHT.test(path) : !UNWANTED.test(path)
}

async function obtain(deb: Package): Promise<string> {
  const folder = join(
    process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    'kubelet-csr-gate',
    'packages',
  )
  await mkdir(folder, { recursive: true })
  const path = join(folder, deb.file)
  if ((await digest(path)) === deb.sha256) return path
  await download(deb, folder)
  const got = await digest(path)
  if (got !== deb.sha256)
    throw new Error(
      `${deb.file}: SHA-256 is ${got ?? 'missing'}, build/packages.lock.json says ${deb.sha256}`,
    )
  return path
}

async function download({ name, version }: Package, cwd: string): Promise<void> {
  try {
    await run('apt-get', ['download', '-q', `${name}=${version}`], { cwd })
  } catch (cause) {
    const advice =
      'on Debian 12, after apt-get update; if the version has left the archive, pin its successor'
    throw new Error(`cannot download ${name} ${version} (${advice} in build/packages.lock.json)`, { cause })
  }
}

async function digest(path: string): Promise<string | null> {
  const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return content && createHash('sha256').update(content).digest('hex')
}
