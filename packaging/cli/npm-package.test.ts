import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import project from '../../package.json' with { type: 'json' }
import { bundle } from '../bundle.ts'
import { completionScripts } from './completion.ts'
import { npmPackage } from './npm-package.ts'

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)
const folder = await mkdtemp(join(tmpdir(), 'npm-package-'))
after(() => rm(folder, { recursive: true }))

const { code: bundled } = await bundle(root)
const completion = await completionScripts(bundled)
const published = { version: project.version, repository: 'an-owner/a-name' }
const entries = await npmPackage(root, { bundled, completion }, published)
const paths = entries.map(({ path }) => path)

/** The `node` of whoever installs it is this one, not the machine's. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` }

/** Without a registry: the package has no dependencies. */
const npm = async (cwd: string, ...args: readonly string[]) => {
  const { stdout } = await run('npm', [...args, '--offline', '--no-audit', '--no-fund'], { cwd, env })
  return stdout
}

async function writePackage(): Promise<string> {
  for (const entry of entries) {
    if (entry.type !== 'file') continue
    await mkdir(join(folder, dirname(entry.path)), { recursive: true })
    await writeFile(join(folder, entry.path), entry.content, { mode: entry.mode })
  }
  return join(folder, 'package')
}

test('npm packs every file that is made for it, and installs it where nothing else is: both names run', async () => {
  const packed = JSON.parse(await npm(await writePackage(), 'pack', '--json', '--ignore-scripts'))
  const [{ filename, files }] = Array.isArray(packed) ? packed : Object.values<never>(packed)
  const names = files.map(({ path }: { readonly path: string }) => `package/${path}`)
  assert.deepEqual(names.toSorted(), paths.toSorted())
  const empty = join(folder, 'empty')
  await mkdir(empty)
  await npm(empty, 'install', join(folder, 'package', filename))
  const { stdout } = await run('npx', ['--no-install', 'kubelet-csr-gate', 'version'], { cwd: empty, env })
  assert.equal(stdout, `kubelet-csr-gate ${project.version} on Node ${process.version}\n`)
  const plugin = await run(join(empty, 'node_modules/.bin/kubectl-csr_gate'), ['--help'], { env })
  assert.match(plugin.stdout, /^Usage: kubectl csr-gate /u)
})

test('the published manifest has provenance, a license, the repository of the release, and no dependencies', () => {
  const entry = entries.find(({ path }) => path === 'package/package.json')
  const manifest = JSON.parse(entry?.type === 'file' ? Buffer.from(entry.content).toString() : '')
  assert.deepEqual(manifest.publishConfig, { access: 'public', provenance: true })
  assert.equal(manifest.license, 'Apache-2.0')
  assert.equal(manifest.repository.url, 'git+https://github.com/an-owner/a-name.git')
  assert.equal(manifest.engines.node, project.engines.node)
  for (const absent of ['private', 'dependencies', 'devDependencies', 'scripts'])
    assert.equal(manifest[absent], undefined)
})

test('no sources of TypeScript are published: Node does not run them in node_modules', () => {
  assert.deepEqual(
    paths.filter((path) => /\.[cm]?ts$/u.test(path)),
    [],
  )
})

test('each shell finds a script that completes both names of the program', () => {
  assert.deepEqual(
    completion.map(({ path }) => path),
    ['completion/kubelet-csr-gate.bash', 'completion/_kubelet-csr-gate', 'completion/kubelet-csr-gate.fish'],
  )
  for (const entry of completion) {
    const text = entry.type === 'file' ? Buffer.from(entry.content).toString() : ''
    for (const name of ['kubelet-csr-gate', 'kubectl-csr_gate', 'explain']) assert.ok(text.includes(name))
  }
})

test('the sources of the project are never published by mistake', () => {
  assert.equal(project.private, true)
})
