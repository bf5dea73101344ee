import { execFile } from 'node:child_process'
import { cp, mkdtempDisposable, readFile, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sha256 } from '../digest.ts'
import type { Artifact } from './artifacts.ts'

const run = promisify(execFile)

/** Two images of 50 MB and two executables of 130 MB each take a minute on two busy cores. */
const REBUILD_MS = 10 * 60_000

export interface Rebuild {
  readonly root: string
  readonly registry: string | null
  readonly repository: string | null
  /** The date of the first build, seconds since the epoch. */
  readonly date: number
}

/**
 * Builds once more, by another process in a copy of the sources elsewhere, with another time zone, language and umask;
 * returns the names of the files that differ.
 */
export async function differences(made: readonly Artifact[], rebuild: Rebuild): Promise<readonly string[]> {
  const { root, registry, repository, date } = rebuild
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'kubelet-csr-gate-rebuild-'))
  const elsewhere = temporary.path
  await copySources(root, elsewhere)
  const output = join(elsewhere, 'dist', 'again')
  const env = {
    ...process.env,
    // the copy has no history of its own
    GIT_DIR: await gitFolder(root),
    GIT_WORK_TREE: elsewhere,
    SOURCE_DATE_EPOCH: String(date),
    TZ: 'Pacific/Kiritimati',
    LC_ALL: 'C',
  }
  const args = ['packaging/main.ts', 'release', '--dry-run', '--output', output]
  if (registry !== null) args.push('--registry', registry)
  if (repository !== null) args.push('--repository', repository)
  const command = ['-c', 'umask 077; exec "$@"', 'sh', process.execPath, ...args]
  await run('sh', command, { cwd: elsewhere, env, timeout: REBUILD_MS })
  const differing: string[] = []
  for (const { name, content } of made) {
    const again = await readFile(join(output, name)).catch(() => new Uint8Array())
    if (sha256(again) !== sha256(content)) differing.push(name)
  }
  return differing
}

async function copySources(root: string, elsewhere: string): Promise<void> {
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 8 * 1024 * 1024,
  })
  // git also lists deleted files
  for (const path of stdout.split('\0').filter((name) => name !== ''))
    await cp(join(root, path), join(elsewhere, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  await symlink(join(root, 'node_modules'), join(elsewhere, 'node_modules'))
}

async function gitFolder(root: string): Promise<string> {
  const { stdout } = await run('git', ['rev-parse', '--absolute-git-dir'], { cwd: root })
  return stdout.trim()
}
