import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { type Download, obtain, type Pinned } from './pinned.ts'

const before = process.env['XDG_CACHE_HOME']
let home = ''

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'kubelet-csr-gate-pinned-'))
  process.env['XDG_CACHE_HOME'] = home
})

afterEach(async () => {
  if (before === undefined) delete process.env['XDG_CACHE_HOME']
  else process.env['XDG_CACHE_HOME'] = before
  await rm(home, { recursive: true })
})

const good = Buffer.from('the package')
const pinned: Pinned = {
  file: 'package.deb',
  algorithm: 'sha256',
  encoding: 'hex',
  digest: createHash('sha256').update(good).digest('hex'),
  lock: 'packaging/image/packages.lock.json',
}
const serving =
  (content: Buffer): Download =>
  ({ folder }) =>
    writeFile(join(folder, pinned.file), content)
const kept = (): Promise<string[]> => readdir(join(home, 'kubelet-csr-gate', 'packages'))

test('a file with the digest of the lock is downloaded once', async () => {
  const [path = ''] = await obtain([pinned], serving(good))
  assert.deepEqual(await readFile(path), good)
  assert.deepEqual(await obtain([pinned], () => Promise.reject(new Error('downloaded again'))), [path])
})

test('a file with one changed byte ends the build and is not kept', async () => {
  const changed = createHash('sha256').update('the pacKage').digest('hex')
  await assert.rejects(obtain([pinned], serving(Buffer.from('the pacKage'))), {
    message: `package.deb is ${changed}, packaging/image/packages.lock.json says ${pinned.digest}`,
  })
  assert.deepEqual(await kept(), [])
})

test('a file changed in the cache is downloaded again', async () => {
  const [path = ''] = await obtain([pinned], serving(good))
  await writeFile(path, 'changed')
  await obtain([pinned], serving(good))
  assert.deepEqual(await readFile(path), good)
})

test('a download that fails names what is missing and leaves nothing behind', async () => {
  const offline: Download = () => Promise.reject(new Error('no network'))
  await assert.rejects(obtain([pinned], offline), {
    message: 'cannot download package.deb: if gone for good, pin its successor',
  })
  assert.deepEqual(await kept(), [])
})
