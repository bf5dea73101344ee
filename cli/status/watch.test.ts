import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../test/kit/until.ts'
import { testContext } from '../context.fixture.ts'
import { csrObject } from '../diagnose/cluster-objects.fixture.ts'
import { FakeCluster } from '../diagnose/cluster.fixture.ts'
import { statusCommand } from '../status.ts'

/** Starts `status --watch`; `stop` ends it as Ctrl-C does. */
function watch(cluster: FakeCluster, ...args: readonly string[]) {
  const stopping = Promise.withResolvers<string>()
  const context = { ...testContext(), nextStop: () => stopping.promise }
  const argv = ['--watch', '--kubeconfig', cluster.kubeconfig, ...args]
  const running = statusCommand(context).parseAsync(argv, { from: 'user' })
  const stop = async () => {
    stopping.resolve('SIGINT')
    await running
    return context.written
  }
  return { written: context.written, stop }
}

test('a watch writes one line of JSON at first and one for each change, and ends with the code of the last look', async (t) => {
  await using cluster = await FakeCluster.start()
  const { written, stop } = watch(cluster, '-o', 'json')
  t.after(stop)
  await until(() => written.stdout.includes('\n'), 'the first look is written')
  const reads = cluster.api.heard.length
  await until(() => cluster.api.heard.length > reads, 'it looks again', 20_000)
  cluster.put('csrs', csrObject('csr-late', 'w-2', null))
  await until(() => written.stdout.includes('csr-late'), 'the change is written', 20_000)
  const { stdout, exitCode } = await stop()
  const looks = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).clusters[0])
  assert.deepEqual(
    looks.map(({ summary }) => summary.pending),
    [0, 1],
    stdout,
  )
  assert.equal(exitCode, 1)
})

test('a watched table is written anew below an empty line, and a cluster that is gone is told', async (t) => {
  await using cluster = await FakeCluster.start()
  const { written, stop } = watch(cluster)
  t.after(stop)
  await until(() => written.stdout.includes('3 of 3 nodes serve'), 'the first look is written')
  await cluster.api.goAway()
  await until(() => written.stdout.includes('cannot be reached'), 'the failure is told', 20_000)
  const { stdout, exitCode } = await stop()
  assert.match(
    stdout,
    /^NODE [^]*\n3 of 3 nodes serve a certificate of the cluster\n\nthe API server https:\S+ cannot be reached: /u,
  )
  assert.equal(exitCode, 3)
  await cluster.api.comeBack()
})

test('a stop before anything was seen is exit code 130', async () => {
  await using cluster = await FakeCluster.start()
  const { written, stop } = watch(cluster)
  const { exitCode } = await stop()
  assert.deepEqual([written.stdout, exitCode], ['', 130])
})
