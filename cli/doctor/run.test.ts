import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../context.fixture.ts'
import { doctorCommand } from '../doctor.ts'
import { FakeCluster } from '../diagnose/cluster.fixture.ts'
import { csrObject } from '../diagnose/cluster-objects.fixture.ts'

async function doctor(cluster: FakeCluster, ...args: readonly string[]) {
  const context = testContext()
  const argv = ['--kubeconfig', cluster.kubeconfig, ...args]
  await doctorCommand(context).exitOverride().parseAsync(argv, { from: 'user' })
  return context.written
}

test('in good order, the table shows what is worth knowing, and the exit code is 0', async () => {
  await using cluster = await FakeCluster.start()
  const { stdout, exitCode } = await doctor(cluster)
  assert.match(
    stdout,
    /^SEVERITY {2}FINDING +SUBJECT +EVIDENCE\ninfo +SharedCa +CA of kubelets +CN=kubernetes signed/u,
  )
  assert.match(stdout, /\n0 critical, 0 warning, 2 info, 0 notVisible, \d+ ok\n$/u)
  assert.equal(exitCode, 0)
})

test('a problem makes the exit code 1, and its fix is a command with names filled in', async () => {
  await using cluster = await FakeCluster.start()
  await cluster.answer('w-2', 'internalError')
  const { stdout, exitCode } = await doctor(cluster)
  assert.match(
    stdout,
    /^Most likely cause: NoCsr \(critical\)\n {2}saw {7}Node w-2: .*\n {2}means .*\n {2}do {8}On w-2\. See what its kubelet says:\n {12}sudo journalctl --unit kubelet --no-pager \| grep -i certificate\n/u,
  )
  assert.equal(exitCode, 1)
})

test('a name that a node chose stays one word of the command', async () => {
  await using cluster = await FakeCluster.start()
  cluster.put('csrs', csrObject("$(reboot)'; reboot", 'w-2', null))
  const { stdout } = await doctor(cluster)
  assert.ok(stdout.includes("explain csr/'$(reboot)'\\''; reboot'\n"), stdout)
})

test('JSON holds every finding, those that are ok too, with the number of the CIS recommendation', async () => {
  await using cluster = await FakeCluster.start()
  const { stdout } = await doctor(cluster, '-o', 'json')
  const [examined] = JSON.parse(stdout).clusters
  assert.deepEqual(Object.keys(examined), ['context', 'server', 'version', 'problem', 'summary', 'findings'])
  assert.deepEqual(
    examined.findings.find(({ code }: { readonly code: string }) => code === 'ApiServerVerifiesKubelets'),
    {
      code: 'ApiServerVerifiesKubelets',
      severity: 'ok',
      subject: 'Pod kube-system/kube-apiserver-cp-1',
      evidence: '--kubelet-certificate-authority=/etc/kubernetes/pki/ca.crt',
      means: '',
      fix: [],
      cis: '1.2.5',
    },
  )
})

test('a cluster that does not answer ends the command with exit code 3', async () => {
  await using cluster = await FakeCluster.start()
  await cluster.api.goAway()
  const { stderr, stdout, exitCode } = await doctor(cluster)
  assert.match(stderr, /^kubelet-csr-gate: the API server https:\S+ cannot be reached: /u)
  assert.deepEqual([stdout, exitCode], ['', 3])
  await cluster.api.comeBack()
})

test('all contexts are examined under their names, and one that does not answer hides no other', async () => {
  await using cluster = await FakeCluster.start()
  const config = JSON.parse(await readFile(cluster.kubeconfig, 'utf8'))
  config.contexts.push({ name: 'gone', context: { cluster: 'gone', user: 'user' } })
  config.clusters.push({ name: 'gone', cluster: { server: 'https://127.0.0.1:1' } })
  const file = path.join(cluster.api.folder, 'two')
  await writeFile(file, JSON.stringify(config))
  const { stdout, exitCode } = await doctor(cluster, '--all-contexts', '--kubeconfig', file)
  assert.match(stdout, /^cluster {2}https:\S+ v1\.36\.3\nSEVERITY /u)
  assert.match(stdout, /\ngone\nthe API server https:\/\/127\.0\.0\.1:1 cannot be reached: /u)
  assert.equal(exitCode, 3)
})
