import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { resolveBinaries } from '../binaries/resolve.ts'
import { noNamespaces, runAlone } from '../kit/alone.ts'
import { prometheusMissing } from './prometheus.ts'

const skip = prometheusMissing || (await noNamespaces())
const RUN = join(import.meta.dirname, 'dashboard-run.ts')

test('every panel of the dashboard has data in a real run', { skip }, async () => {
  await resolveBinaries(['etcd', 'kube-apiserver', 'kube-controller-manager'])
  // The controller dials the addresses of these nodes.
  const local = ['10.0.0.0/24']
  assert.equal(await runAlone([process.execPath, RUN], { hosts: '127.0.0.1 localhost\n', local }), 0)
})
