import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import project from '../../package.json' with { type: 'json' }
import { readText } from '../../server/files.ts'
import { executable } from './executable.ts'

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)
const folder = await mkdtemp(join(tmpdir(), 'executable-'))
after(() => rm(folder, { recursive: true }))
const amd64 = await executable(root, 'amd64')

const isAmd64 = process.arch === 'x64' && process.platform === 'linux'
const skip = isAmd64 || process.env['CI'] === 'true' ? false : 'NOT TESTED: this is not linux/amd64'

/** The libraries of docs/install-cli.md, all of glibc and GCC. */
const LIBRARIES = ['libc', 'libdl', 'libgcc_s', 'libm', 'libpthread', 'libstdc++']

/** A file system with the executable, its libraries, and nothing else: no Node, no shell. */
async function bareRoot(): Promise<readonly string[]> {
  const program = join(folder, 'kubelet-csr-gate')
  await writeFile(program, amd64, { mode: 0o755 })
  const { stdout } = await run('ldd', [program])
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/gu)].map(([, path = '']) => path)
  for (const path of libraries) {
    await mkdir(join(folder, dirname(path)), { recursive: true })
    await cp(path, join(folder, path), { dereference: true })
  }
  return libraries
}

/** With options that Node would refuse to start with. */
const env = { NODE_OPTIONS: '--require=/missing.js' }

const inRoot = (name: string, ...args: readonly string[]) =>
  run('unshare', ['--map-root-user', `--root=${folder}`, name, ...args], { env })

test('the executable runs where there is no Node, with the libraries that the docs name, whatever NODE_OPTIONS says', {
  skip,
}, async () => {
  const libraries = await bareRoot()
  const named = libraries.flatMap((path) => /([^/]+)\.so\.\d+$/u.exec(path)?.[1] ?? [])
  const loader = (name: string): boolean => name.startsWith('ld-linux')
  assert.deepEqual(named.filter((name) => !loader(name)).toSorted(), LIBRARIES)
  const docs = await readText(join(root, 'docs/install-cli.md'), 65_536)
  for (const name of LIBRARIES) assert.ok(docs.ok && docs.text.includes(`\`${name}\``), name)
  const { stdout } = await inRoot('/kubelet-csr-gate', 'version')
  assert.equal(stdout, `kubelet-csr-gate ${project.version} on Node ${process.version}\n`)
  await symlink('kubelet-csr-gate', join(folder, 'kubectl-csr_gate'))
  const plugin = await inRoot('/kubectl-csr_gate', '--help')
  assert.match(plugin.stdout, /^Usage: kubectl csr-gate /u)
})

/** ELF: the machine is a half word at 18. */
const machineOf = (binary: Uint8Array): number =>
  Buffer.from(binary.buffer, binary.byteOffset).readUInt16LE(18)

test('the executable for arm64 is built from its own Node, with the same program', async () => {
  const arm64 = await executable(root, 'arm64')
  assert.deepEqual([machineOf(amd64), machineOf(arm64)], [62, 183])
  const versionLine = Buffer.from('print the version')
  for (const binary of [amd64, arm64]) assert.ok(Buffer.from(binary).includes(versionLine))
})
