import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  DEFAULT_MINOR,
  KUBERNETES,
  MINOR_VARIABLE,
  minorOf,
  minors,
  moduleOf,
  versionOf,
} from './versions.ts'

const TOOLCHAIN = join(import.meta.dirname, 'toolchain')
const goMod = (module: string): Promise<string> => readFile(join(TOOLCHAIN, module, 'go.mod'), 'utf8')
const onMinor = (minor: string) => ({ [MINOR_VARIABLE]: minor })

test('each minor is the version that its module pins, with the staging modules of that release', async () => {
  for (const minor of minors) {
    const version = versionOf('kubernetes', onMinor(minor))
    assert.ok(version.startsWith(`v${minor}.`), version)
    const pinned = await goMod(moduleOf('kubernetes', onMinor(minor)))
    assert.ok(pinned.includes(`\nrequire k8s.io/kubernetes ${version}\n`), minor)
    const staging = [...pinned.matchAll(/^\tk8s\.io\/([\w-]+) => k8s\.io\/\1 (\S+)$/gm)]
    assert.ok(staging.length >= 30, minor)
    for (const [line, , of] of staging) assert.equal(of, version.replace(/^v1/, 'v0'), line)
  }
})

test('every module of Kubernetes is that of a supported minor', async () => {
  const folders = (await readdir(TOOLCHAIN)).filter((name) => name.startsWith('kubernetes'))
  assert.deepEqual(
    folders.toSorted(),
    minors.map((minor) => moduleOf('kubernetes', onMinor(minor))).toSorted(),
  )
})

test('the others are the versions that their modules pin', async () => {
  const pinned = [
    ['etcd', 'go.etcd.io/etcd/server/v3'],
    ['helm', 'helm.sh/helm/v4'],
    ['helm3', 'helm.sh/helm/v3'],
    ['cert-manager', 'github.com/cert-manager/cert-manager'],
    ['kubelet-csr-approver', 'github.com/postfinance/kubelet-csr-approver'],
  ] as const
  for (const [origin, path] of pinned)
    assert.ok((await goMod(origin)).includes(`${path} ${versionOf(origin, {})}`), origin)
})

test('without the environment variable the minor is the default', () => {
  assert.equal(minorOf({}), DEFAULT_MINOR)
  assert.equal(minorOf(onMinor('')), DEFAULT_MINOR)
  assert.equal(versionOf('kubernetes', {}), KUBERNETES[DEFAULT_MINOR])
})
