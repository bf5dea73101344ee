import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test from 'node:test'
import { loadKubeConfig } from './kubeconfig.ts'

const GOOD = {
  clusters: [{ name: 'c', cluster: { server: 'https://192.0.2.1:6443' } }],
  users: [{ name: 'u', user: { token: 't' } }],
  contexts: [
    { name: 'first', context: { cluster: 'c', user: 'u' } },
    { name: 'lost', context: { cluster: 'none', user: 'u' } },
    { name: 'nobody', context: { cluster: 'c', user: 'none' } },
  ],
  'current-context': 'first',
}

function fileWith(t: test.TestContext, content: unknown): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeconfig-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'config')
  writeFileSync(file, JSON.stringify(content))
  return file
}

const serverOf = (source: Parameters<typeof loadKubeConfig>[0]): string | undefined =>
  loadKubeConfig(source).getCurrentCluster()?.server

test('a given kubeconfig takes precedence over everything else', (t) => {
  const kubeconfig = fileWith(t, GOOD)
  const env = { KUBECONFIG: '/nowhere', KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }
  assert.equal(serverOf({ kubeconfig, env }), 'https://192.0.2.1:6443')
})

test('$KUBECONFIG takes precedence over the service account of a pod', (t) => {
  const env = {
    KUBECONFIG: fileWith(t, GOOD),
    KUBERNETES_SERVICE_HOST: '10.96.0.1',
    KUBERNETES_SERVICE_PORT: '443',
  }
  assert.equal(serverOf({ env }), 'https://192.0.2.1:6443')
})

test('the files of $KUBECONFIG are merged: of entries with one name the first counts, and missing files are passed over', (t) => {
  const other = {
    ...GOOD,
    clusters: [...GOOD.clusters, { name: 'd', cluster: { server: 'https://192.0.2.9:6443' } }],
    contexts: [
      { name: 'first', context: { cluster: 'd', user: 'u' } },
      { name: 'second', context: { cluster: 'd', user: 'u' } },
    ],
    'current-context': 'second',
  }
  const files = ['/nowhere', fileWith(t, GOOD), fileWith(t, other)]
  const env = { KUBECONFIG: files.join(path.delimiter) }
  assert.equal(serverOf({ env }), 'https://192.0.2.1:6443')
  assert.equal(serverOf({ env, context: 'second' }), 'https://192.0.2.9:6443')
  const later = {
    KUBECONFIG: [fileWith(t, { ...GOOD, 'current-context': '' }), files[2]].join(path.delimiter),
  }
  assert.equal(loadKubeConfig({ env: later }).getCurrentContext(), 'second')
})

test('a pod gets the URL of the API server from its environment, with IPv6 in brackets', (t) => {
  const token = fileWith(t, 'x').replace(/config$/u, 'token')
  writeFileSync(token, 't\n')
  const serviceAccount = path.dirname(token)
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
  assert.equal(serverOf({ env, serviceAccount }), 'https://[fd00::1]:443')
})

test('an incomplete kubeconfig is refused with a message', (t) => {
  const refuses = (source: object, message: string): void => {
    assert.throws(() => loadKubeConfig({ env: {}, ...source }), { message })
  }
  const kubeconfig = fileWith(t, GOOD)
  refuses({ kubeconfig, context: 'lost' }, 'the kubeconfig has no cluster for its context "lost"')
  refuses({ kubeconfig, context: 'missing' }, 'the kubeconfig has no cluster for its context "missing"')
  refuses({ kubeconfig, context: 'nobody' }, 'the kubeconfig has no user for its context')
  const plain = 'the API server\'s address is not an https URL: "http://192.0.2.1"'
  const insecure = { ...GOOD, clusters: [{ name: 'c', cluster: { server: 'http://192.0.2.1' } }] }
  refuses({ kubeconfig: fileWith(t, insecure) }, plain)
})

test('a file that is not a kubeconfig is refused', (t) => {
  for (const content of [{ clusters: 5 }, {}, [], 'text', null]) {
    assert.throws(
      () => loadKubeConfig({ env: {}, kubeconfig: fileWith(t, content) }),
      Error,
      JSON.stringify(content),
    )
  }
  assert.throws(() => loadKubeConfig({ env: { HOME: '/nonexistent' } }), {
    message: 'the kubeconfig /nonexistent/.kube/config cannot be read',
  })
})
