import assert from 'node:assert/strict'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '../../test/kit/until.ts'
import { temporaryDirectory } from '../../test/kit/directory.ts'
import { issueAuthority, issueLeaf } from './authority.ts'
import { loadCaFile, watchCaFile } from './ca-file.ts'

const first = issueAuthority(Date.now())
const second = issueAuthority(Date.now())
const leaf = issueLeaf(first, ['127.0.0.1'], Date.now())

test('a file of CAs is read without what stands around them, and anything else in it is a fault', async () => {
  await using directory = await temporaryDirectory('ca-file')
  const path = join(directory.path, 'ca.crt')
  const load = async (text: string) => {
    await writeFile(path, text)
    return await loadCaFile(path)
  }
  const [one, other] = [first.certificate.trim(), second.certificate.trim()]
  assert.deepEqual(await load(`the first\n${one}\n\n${other}\n`), {
    ok: true,
    file: { path, pem: `${one}\n${other}` },
  })
  const fault = (problem: string) => ({ ok: false, faults: [`${path}: ${problem}`] })
  assert.deepEqual(await load(''), fault('contains no PEM certificate'))
  assert.deepEqual(await load(first.key), fault('contains no PEM certificate'))
  const notCa = fault('certificate 2 is not the certificate of a CA')
  assert.deepEqual(await load(`${one}\n${leaf.certificate}`), notCa)
  assert.deepEqual(await load(`${one}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`), notCa)
  const missing = await loadCaFile(join(directory.path, 'none'))
  assert.ok(!missing.ok && /cannot be read/u.test(missing.faults[0] ?? ''))
})

test('a new file is used, and one with faults leaves the previous CAs in use', async () => {
  await using directory = await temporaryDirectory('ca-file')
  const path = join(directory.path, 'ca.crt')
  await writeFile(path, first.certificate)
  const used: string[] = []
  const logged: string[] = []
  const note = (_fields: object, message: string) => void logged.push(message)
  const log = { debug: note, info: note, warn: note, error: note }
  const messages = { changed: 'the new file is in use', faulty: 'the new file is faulty' }
  const onChange = (pem: string) => void used.push(pem)
  const loaded = await loadCaFile(path)
  assert.ok(loaded.ok)
  const watching = watchCaFile({ first: loaded.file, log, messages, onChange, everyMs: 20 })
  // At once, as the kubelet swaps a mounted file: half of it is never read.
  const replace = async (text: string): Promise<void> => {
    await writeFile(`${path}.new`, text)
    await rename(`${path}.new`, path)
  }
  await replace('nothing')
  await until(() => logged.includes('the new file is faulty'))
  assert.deepEqual(used, [])
  await replace(second.certificate)
  await until(() => used.length === 1)
  assert.deepEqual(used, [second.certificate.trim()])
  assert.deepEqual(logged, ['the new file is faulty', 'the new file is in use'])
  watching.stop()
})
