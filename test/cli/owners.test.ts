/** `owners` and `release` on a ledger as the controller keeps it, and with the controller's own code that applies a release. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { testContext } from '../../cli/context.fixture.ts'
import { ownersCommand } from '../../cli/owners.ts'
import { releaseCommand } from '../../cli/release.ts'
import { answering } from '../embedded/faults.ts'
import { LedgerCluster } from './ledger-cluster.fixture.ts'

let cluster: LedgerCluster
const approvedNow = { type: 'Approved', status: 'True', lastUpdateTime: new Date().toISOString() }
before(async () => {
  cluster = await LedgerCluster.start()
  cluster.join('worker-1', '198.51.100.1')
  cluster.join('worker-2', '198.51.100.2')
  cluster.grant('worker-1', ['198.51.100.1', '198.51.100.9'])
  cluster.ask('csr-new', ['worker-2', '198.51.100.2'], [approvedNow])
})
after(() => cluster[Symbol.asyncDispose]())

async function run(command: typeof ownersCommand, ...args: readonly string[]) {
  const context = testContext()
  await command(context).parseAsync([...args, ...cluster.flags], { from: 'user' })
  return context.written
}

test('owners shows who holds an address, since when, proven or not, until when, and by which CSR', async () => {
  const { stdout, exitCode } = await run(ownersCommand, '198.51.100.1', '198.51.100.9')
  assert.equal(
    stdout,
    'NAME OR ADDRESS  NODE      SINCE              PROVEN             UNTIL              CSR              STANDING\n' +
      '198.51.100.1     worker-1  2026-01-01 00:00Z  2026-01-01 00:00Z  2036-01-01 00:00Z  csr-of-worker-1  reports it\n' +
      '198.51.100.9     worker-1  2026-01-01 00:00Z  never              2036-01-01 00:00Z  csr-of-worker-1  not reported for 0s\n',
  )
  assert.equal(exitCode, 0)
})

test('owners without an argument shows all, also what only a stored CSR shows yet', async () => {
  const { stdout } = await run(ownersCommand, '-o', 'json')
  const { ledger, owners, free, unknown } = JSON.parse(stdout)
  assert.deepEqual([ledger, free, unknown], ['gate/gate-ledger', [], []])
  assert.deepEqual(
    owners.map(({ value, node, from }: Record<string, string>) => `${value} ${node} ${from}`),
    [
      'worker-1 worker-1 ledger',
      'worker-2 worker-2 csr',
      '198.51.100.1 worker-1 ledger',
      '198.51.100.2 worker-2 csr',
      '198.51.100.9 worker-1 ledger',
    ],
  )
})

test('-o wide of owners and release also shows when it was granted last, and from where that is known', async () => {
  for (const command of [ownersCommand, releaseCommand]) {
    const { stdout } = await run(
      command,
      'worker-2',
      '-o',
      'wide',
      ...(command === ownersCommand ? [] : ['--dry-run']),
    )
    assert.match(stdout, /^NAME OR ADDRESS .* STANDING +GRANTED +FROM$/mu)
    assert.match(stdout, /^worker-2 +worker-2 .* reports it +\d{4}-\d\d-\d\d \d\d:\d\dZ +csr$/mu)
  }
})

test('-o name of owners prints each Node once', async () => {
  const { stdout, exitCode } = await run(ownersCommand, '-o', 'name')
  assert.deepEqual([stdout, exitCode], ['node/worker-1\nnode/worker-2\n', 0])
})

test('owners of one Node, and of what nobody holds', async () => {
  const { stdout, exitCode } = await run(ownersCommand, '--node', 'worker-2')
  assert.deepEqual([stdout.split('\n').length, exitCode], [4, 0])
  const nobody = await run(ownersCommand, '198.51.100.77')
  assert.deepEqual([nobody.stdout, nobody.exitCode], ['nobody holds 198.51.100.77\n', 1])
})

test('a part of the ledger that cannot be read is said, and nothing is released by it', async () => {
  cluster.damage('worker-9')
  cluster.ask('csr-elsewhere', ['worker-9', '198.51.100.8'], [approvedNow])
  const stored = await run(ownersCommand, '198.51.100.8')
  assert.match(stored.stdout, /^198\.51\.100\.8 +worker-9 .* csr-elsewhere +does not report it$/mu)
  const { stdout, exitCode } = await run(ownersCommand, '198.51.100.1')
  assert.match(
    stdout,
    /^not known: ConfigMap gate-ledger-\d\d, data\.nodes: its first line is no JSON object$/mu,
  )
  assert.equal(exitCode, 1)
  const released = await run(releaseCommand, '198.51.100.1')
  assert.match(released.stdout, /^Nothing was written: not every holder is known: ConfigMap gate-ledger-/mu)
  assert.equal(released.exitCode, 1)
  cluster.repair('worker-9')
  cluster.forget('csr-elsewhere')
})

test('a release in a dry run names the holder, says what happens, and writes nothing', async () => {
  const { stdout, exitCode } = await run(releaseCommand, '198.51.100.1', '--dry-run')
  assert.match(stdout, /^198\.51\.100\.1 +worker-1 /mu)
  assert.match(
    stdout,
    /^Node worker-1 still reports it: remove it there, else it is granted again, or contested\.$/mu,
  )
  assert.match(stdout, /^Nothing was written: --dry-run$/mu)
  assert.deepEqual([exitCode, cluster.releases()], [0, []])
})

test('what nobody holds, or another Node than the named one, is not released', async () => {
  const nobody = await run(releaseCommand, '198.51.100.77')
  assert.equal(nobody.stdout, 'Nothing was written: nobody holds 198.51.100.77\n')
  const other = await run(releaseCommand, '198.51.100.9', '--node', 'worker-2')
  assert.match(
    other.stdout,
    /^Nothing was written: Node worker-1 holds 198\.51\.100\.9, and --node names another$/mu,
  )
  assert.deepEqual([nobody.exitCode, other.exitCode, cluster.releases()], [1, 1, []])
})

test('without a controller, a release stays in the annotation, and the command to take it back is shown', async () => {
  const { stdout, exitCode } = await run(releaseCommand, '198.51.100.9', '--timeout', '1s')
  const [[name, release] = []] = cluster.releases()
  assert.equal(release, '198.51.100.9')
  assert.match(stdout, /^No controller has taken it\. It stays on ConfigMap gate\/gate-ledger-\d\d, /mu)
  assert.match(
    stdout,
    new RegExp(`^  kubectl -n gate annotate configmap ${name} kubelet-csr-gate\\.io/release-$`, 'mu'),
  )
  assert.equal(exitCode, 1)
})

test('with a controller, what waits and the next release are applied, and their holder is forgotten', async () => {
  await using _controller = await cluster.control()
  const { stdout, exitCode } = await run(releaseCommand, '198.51.100.1', '--node', 'worker-1')
  assert.match(stdout, /^The controller has forgotten these grants \(ConfigMap gate\/gate-ledger-\d\d\)\.$/mu)
  assert.deepEqual([exitCode, cluster.releases()], [0, []])
  const { free } = JSON.parse(
    (await run(ownersCommand, '198.51.100.1', '198.51.100.9', 'worker-1', '-o', 'json')).stdout,
  )
  assert.deepEqual(free, ['198.51.100.1', '198.51.100.9'])
})

test('a conflict is read again, and a release that is not permitted is a problem of the cluster', async () => {
  const isPatch = ({ method }: { readonly method?: string | undefined }) => method === 'PATCH'
  cluster.api.plan(answering({ code: 409, reason: 'Conflict', message: 'modified' }), isPatch)
  cluster.api.plan(answering({ code: 403, reason: 'Forbidden', message: 'jane cannot patch' }), isPatch)
  const { stderr, exitCode } = await run(releaseCommand, 'worker-1')
  assert.match(stderr, /: ConfigMap gate-ledger-\d\d may not be patched \(403\): jane cannot patch\n$/u)
  assert.equal(exitCode, 3)
})

test('what is neither a name nor an address is refused before anything is asked', async () => {
  const asked = cluster.api.heard.length
  const context = testContext()
  const command = ownersCommand(context)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
  await assert.rejects(
    command.parseAsync(['10.0.0.1 10.0.0.2', ...cluster.flags], { from: 'user' }),
    /It must be a DNS name or an IP address\.$/u,
  )
  assert.equal(cluster.api.heard.length, asked)
})
