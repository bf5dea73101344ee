import assert from 'node:assert/strict'
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '../ports.ts'
import { issueAuthority, issueLeaf, type Leaf } from './authority.ts'
import {
  type CertificatePaths,
  expiryProblem,
  loadCertificate,
  type ServingCertificate,
  watchCertificate,
} from './serving-certificate.ts'
import { until } from '../../test/kit/until.ts'

const HOUR_MS = 3_600_000
let folder = ''
const at = (name: string) => join(folder, name)
const pathsOf = (name: string) => ({ certFile: at(`${name}.crt`), keyFile: at(`${name}.key`) })

async function put(name: string, { certificate, key }: Pick<Leaf, 'certificate' | 'key'>): Promise<void> {
  await writeFile(pathsOf(name).certFile, certificate)
  await writeFile(pathsOf(name).keyFile, key)
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serving-test-'))
  const now = Date.now()
  const lifetimes = { authority: 48 * HOUR_MS, leaf: 24 * HOUR_MS }
  const authority = issueAuthority(now, lifetimes)
  for (const name of ['one', 'two'])
    await put(name, issueLeaf(authority, ['hook.webhook.svc'], now, lifetimes))
  // A CA's own certificate names no host.
  await put('nameless', authority)
})
after(() => rm(folder, { recursive: true, force: true }))

async function faultsOf(paths: CertificatePaths, now = Date.now()): Promise<readonly string[]> {
  const loaded = await loadCertificate(paths, now)
  return loaded.ok ? [] : loaded.faults.map((fault) => fault.replaceAll(`${folder}/`, ''))
}

test('a matching key and certificate are loaded with their expiry', async () => {
  const loaded = await loadCertificate(pathsOf('one'), Date.now())
  assert.ok(loaded.ok)
  assert.equal(loaded.certificate.cert, await readFile(at('one.crt'), 'utf8'))
  assert.ok(Math.abs(loaded.certificate.notAfter.getTime() - Date.now() - 24 * HOUR_MS) < HOUR_MS)
  assert.match(loaded.certificate.fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/u)
})

test('all faults of a key and certificate are listed at once', async () => {
  await writeFile(at('junk'), 'junk')
  await writeFile(at('large'), 'x'.repeat(256 * 1024 + 1))
  assert.deepEqual(await faultsOf({ certFile: at('one.crt'), keyFile: at('two.key') }), [
    'two.key: does not match one.crt',
  ])
  assert.deepEqual(await faultsOf({ certFile: at('junk'), keyFile: at('junk') }), [
    'junk: contains no PEM certificate',
    'junk: contains no PEM private key, or one with a passphrase',
  ])
  assert.deepEqual(await faultsOf({ certFile: at('large'), keyFile: at('none') }), [
    'large: is larger than 262144 bytes',
    "none: cannot be read: ENOENT: no such file or directory, open 'none'",
  ])
  const [expired] = await faultsOf(pathsOf('one'), Date.now() + 48 * HOUR_MS)
  assert.match(expired ?? '', /^one\.crt: expired at 20\d\d-/u)
  assert.deepEqual(await faultsOf(pathsOf('nameless')), [
    'nameless.crt: has no subject alternative name, which the API server requires',
  ])
})

/** Replaces a file atomically, as a mounted Secret changes. A file that is being copied could be read half written. */
async function putWhole(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.new`)
  await rename(`${to}.new`, to)
}

test('a new pair is served, and a mismatched pair is counted once and keeps the previous one', async () => {
  const paths = pathsOf('live')
  const copy = async (cert: string, key: string) => {
    await putWhole(at(`${cert}.crt`), paths.certFile)
    await putWhole(at(`${key}.key`), paths.keyFile)
  }
  await copy('one', 'one')
  const first = await loadCertificate(paths, Date.now())
  assert.ok(first.ok)
  const [reads, served]: [boolean[], ServingCertificate[]] = [[], []]
  const quiet = () => undefined
  const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
  const watch = watchCertificate({
    paths,
    first: first.certificate,
    log,
    onRead: (ok) => void reads.push(ok),
    onChange: (certificate) => void served.push(certificate),
    now: Date.now,
    everyMs: 20,
  })
  try {
    await pause(100)
    assert.deepEqual([reads, served], [[], []], 'nothing changed yet')
    await putWhole(at('two.key'), paths.keyFile)
    await until(() => reads.length === 1)
    await pause(100)
    assert.deepEqual([reads, served], [[false], []])
    await copy('two', 'two')
    await until(() => served.length === 1)
    assert.equal(served[0]?.cert, await readFile(at('two.crt'), 'utf8'))
    assert.deepEqual([reads[0], reads.at(-1)], [false, true])
  } finally {
    watch.stop()
  }
})

test('a serving certificate that has expired is a problem', () => {
  const notAfter = new Date('2026-11-24T08:00:00Z')
  assert.equal(expiryProblem(notAfter, notAfter.getTime() - 1), null)
  assert.equal(expiryProblem(notAfter, notAfter.getTime()), 'expired at 2026-11-24T08:00:00.000Z')
})
