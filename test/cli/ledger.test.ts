/** Commands that read what the installed controller granted: the ConfigMaps of its ledger. */
import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { after, before, test } from 'node:test'
import { testContext } from '../../cli/context.fixture.ts'
import { explainCommand } from '../../cli/explain.ts'
import { answering, isList } from '../embedded/faults.ts'
import { LedgerCluster } from './ledger-cluster.fixture.ts'

let cluster: LedgerCluster
before(async () => {
  cluster = await LedgerCluster.start()
  // Nobody is dialled: the ledger alone decides.
  const { metadata } = Object(cluster.configMaps.get('gate-config'))
  const policy = 'policy: {mode: enforce, proof: {addresses: "off"}}\n'
  cluster.configMaps.put({ metadata, data: { 'config.yaml': policy } })
  cluster.join('worker-1', '198.51.100.1')
  cluster.join('worker-2', '198.51.100.2')
  cluster.grant('worker-1', ['198.51.100.1', '198.51.100.9'])
  cluster.ask('csr-moved', ['worker-2', '198.51.100.9'])
})
after(() => cluster[Symbol.asyncDispose]())

async function explain(...args: readonly string[]) {
  const context = testContext()
  await explainCommand(context).parseAsync(['csr/csr-moved', ...cluster.flags, '-o', 'json', ...args], {
    from: 'user',
  })
  return JSON.parse(context.written.stdout)
}

test('what the ledger gave to another Node is contested in explain, although no CSR shows it any more', async () => {
  cluster.join('worker-2', '198.51.100.9')
  cluster.join('worker-1', '198.51.100.9')
  const { controller } = await explain()
  assert.deepEqual([controller.verdict, controller.reason], ['notYet', 'AddressContested'])
  assert.match(controller.message, /the last certificate with it went to Node worker-1/u)
})

test('a ledger that is not visible leaves explain unknown, and never approves', async () => {
  cluster.join('worker-1', '198.51.100.1')
  const isLedger = (request: IncomingMessage) =>
    isList(request) && request.url?.includes('component%3Dledger') === true
  cluster.api.plan(answering({ code: 403, reason: 'Forbidden', message: 'not you' }), isLedger)
  const { controller } = await explain()
  assert.equal(controller.verdict, 'unknown')
  assert.match(
    controller.message,
    /the ledger is not known: the ConfigMaps of the ledger not visible \(403\)/u,
  )
})
