import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtempDisposable, readFile, rename } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A downloaded file of the image, with the digest from a lock: a changed byte fails the build. */
export interface Pinned {
  readonly file: string
  readonly algorithm: 'sha256' | 'sha512'
  readonly encoding: 'hex' | 'base64'
  readonly digest: string
  /** The lock, for the error message. */
  readonly lock: string
}

type Run = (program: string, args: readonly string[]) => Promise<void>

interface Downloading {
  readonly missing: readonly Pinned[]
  /** A temporary folder for the files; `run` runs in it. */
  readonly folder: string
  readonly run: Run
}

export type Download = (downloading: Downloading) => Promise<void>

const runProgram = promisify(execFile)

/** The path of each file in the user's cache, in the given order. Missing files are downloaded. */
export async function obtain(files: readonly Pinned[], download: Download): Promise<readonly string[]> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const folder = join(cache, 'kubelet-csr-gate', 'packages')
  await mkdir(folder, { recursive: true })
  const missing: Pinned[] = []
  for (const file of files) if ((await digestOf(file, folder)) !== file.digest) missing.push(file)
  if (missing.length > 0) await downloadInto(folder, missing, download)
  return files.map(({ file }) => join(folder, file))
}

/** Moves a file into the cache only when it is complete and has its digest. */
async function downloadInto(folder: string, missing: readonly Pinned[], download: Download): Promise<void> {
  await using temporary = await mkdtempDisposable(join(folder, '.download-'))
  const cwd = temporary.path
  const run: Run = async (program, args) => {
    await runProgram(program, args, { cwd })
  }
  await download({ missing, folder: cwd, run }).catch((cause: unknown) => {
    const names = missing.map(({ file }) => file).join(', ')
    throw new Error(`cannot download ${names}: if gone for good, pin its successor`, { cause })
  })
  for (const pinned of missing) {
    const got = await digestOf(pinned, cwd)
    if (got !== pinned.digest)
      throw new Error(`${pinned.file} is ${got ?? 'missing'}, ${pinned.lock} says ${pinned.digest}`)
    await rename(join(cwd, pinned.file), join(folder, pinned.file))
  }
}

async function digestOf({ file, algorithm, encoding }: Pinned, folder: string): Promise<string | null> {
  const content = await readFile(join(folder, file)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return content && createHash(algorithm).update(content).digest(encoding)
}
