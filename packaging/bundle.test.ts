import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtempDisposable, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import project from '../package.json' with { type: 'json' }
import { BUNDLE_BUDGET_BYTES, BUNDLE_NAME, bundle } from './bundle.ts'

const root = join(import.meta.dirname, '..')
const made = await bundle(root)

test('the bundle stays within its budget, without the generated models of the Kubernetes client', () => {
  assert.ok(made.code.length <= BUNDLE_BUDGET_BYTES, `${made.code.length} bytes`)
  const models = Object.keys(made.metafile.inputs).filter((path) => path.includes('/dist/gen/models/'))
  assert.deepEqual(models, [])
})

test('the bundle is ASCII, which V8 keeps in one byte a character', () => {
  assert.equal(
    made.code.findIndex((byte) => byte > 0x7f),
    -1,
  )
})

test('nothing that the bundle imports loads the undici, the WebSocket or the HTTP/2 of Node', () => {
  const imported = Object.values(made.metafile.outputs).flatMap(({ imports }) => imports)
  const found = (kind: string, ...paths: readonly string[]) =>
    imported.filter((one) => one.kind === kind && paths.includes(one.path))
  assert.deepEqual(found('import-statement', 'http', 'node:http', 'node:http2'), [])
  assert.deepEqual(found('require-call', 'http2', 'node:http2'), [])
})

test('the same sources give the same bundle in any folder, and it runs without any other file', async () => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'bundle-'))
  const elsewhere = temporary.path
  for (const part of ['cli', 'policies', 'server', 'package.json', 'tsconfig.json'])
    await cp(join(root, part), join(elsewhere, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(elsewhere, 'node_modules'))
  const again = await bundle(elsewhere)
  assert.ok(Buffer.from(again.code).equals(Buffer.from(made.code)), 'two builds differ')
  const program = join(elsewhere, 'alone', BUNDLE_NAME)
  await mkdir(join(elsewhere, 'alone'))
  await writeFile(program, again.code)
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'version'], { cwd: '/' })
  assert.ok(stdout.includes(project.version), stdout)
})
