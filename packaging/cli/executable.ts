import { execFile } from 'node:child_process'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { bundle } from '../bundle.ts'
import { NODE_VERSION, obtainNode } from '../image/node-binary.ts'
import type { Architecture } from '../image/packages.ts'

/** Node reads a program from the section of this name, if the fuse is blown: https://nodejs.org/api/single-executable-applications.html */
const SECTION = 'NODE_SEA_BLOB'
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/**
 * Without a code cache and a snapshot, which are of one architecture and differ from run to run, the program is the same for
 * every Node of this version.
 */
const CONFIGURATION = {
  main: 'main.cjs',
  output: 'program.blob',
  disableExperimentalSEAWarning: true,
  // NODE_OPTIONS of the shell is meant for other programs
  execArgvExtension: 'none',
}

const run = promisify(execFile)

/**
 * The program with Node in one file, for any architecture. The same sources give the same bytes.
 * @throws if this is not the Node of the image: its program could not be read
 */
export async function executable(root: string, architecture: Architecture): Promise<Uint8Array> {
  if (process.versions.node !== NODE_VERSION)
    throw new Error(`run with Node ${NODE_VERSION}, the executable's; this is ${process.versions.node}`)
  const { code } = await bundle(root, 'cjs')
  const { binary } = await obtainNode(architecture)
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'kubelet-csr-gate-executable-'))
  const folder = temporary.path
  await writeFile(join(folder, CONFIGURATION.main), code)
  await writeFile(join(folder, 'sea.json'), JSON.stringify(CONFIGURATION))
  await run(process.execPath, ['--experimental-sea-config', 'sea.json'], { cwd: folder })
  await writeFile(join(folder, 'executable'), binary)
  const inject = fileURLToPath(import.meta.resolve('postject/dist/cli.js'))
  const args = [inject, 'executable', SECTION, CONFIGURATION.output, '--sentinel-fuse', FUSE]
  await run(process.execPath, args, { cwd: folder })
  return await readFile(join(folder, 'executable'))
}
