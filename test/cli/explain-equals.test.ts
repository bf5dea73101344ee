/** What `explain` says of a CSR is what the webhook answers and what the controller decides: on every request that is kept. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApprover } from '../../cli/approve/approver.ts'
import { jsonOf } from '../../cli/explain/result.ts'
import { subjectOfObject } from '../../cli/explain/subject.ts'
import { defaultLimits } from '../../policies/limits.ts'
import { defaultSettings } from '../../policies/settings.ts'
import { goodReview } from '../../server/admission/good-review.fixture.ts'
import { post, startWebhook } from '../../server/admission/webhook.fixture.ts'
import { explainWith } from '../../server/explain.ts'
import { connect } from '../../server/kube/transport.ts'
import type { DecisionRecord, JsonObject } from '../../server/ports.ts'
import { openJudging } from '../../server/service.ts'
import { listen } from '../kit/quiet.ts'
import { CSRS } from '../kit/kubelet/csr.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { requestOf } from '../suite/request.ts'
import { cases as suite } from '../suite/suite.ts'
import { until } from '../kit/until.ts'
import { LedgerCluster, ledgerPlace } from './ledger-cluster.fixture.ts'

const GRANTED = 'an address that only the ledger shows to be of another'
const cases = [
  { title: 'an honest request', request: buildRequest({}).request },
  { title: 'an address of another', request: buildRequest({ addresses: ['10.0.0.2'] }).request },
  { title: GRANTED, request: buildRequest({ addresses: ['10.0.0.9'] }).request },
  { title: 'a reserved address', request: buildRequest({ addresses: ['10.96.0.9'] }).request },
  ...suite.map((one) => ({ title: one.id, request: requestOf(one) })),
]

async function startCluster(): Promise<LedgerCluster> {
  const cluster = await LedgerCluster.start()
  cluster.join('node-1', '10.0.0.1', '10.0.0.9')
  cluster.join('node-2', '10.0.0.9')
  cluster.grant('node-2', ['10.0.0.9'])
  return cluster
}

/** `dryRun`: everything is judged, and nothing is written, so that no case changes the next. Nobody is dialled. */
const rules = {
  settings: {
    ...defaultSettings,
    mode: 'dryRun' as const,
    proof: { addresses: 'off' as const, names: 'warn' as const, unreachable: [] },
  },
  hash: '0123456789ab',
  patterns: [],
  prefixes: [],
  reservedAddresses: [],
  unreachable: [],
  limits: defaultLimits,
  pool: null,
  pools: [],
}

function csrOf(name: string, request: string) {
  const username = 'system:node:node-1'
  const groups = ['system:nodes', 'system:authenticated']
  const usages = ['digital signature', 'server auth']
  const spec = { request, signerName: 'kubernetes.io/kubelet-serving', usages, username, groups }
  const type = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' }
  return { ...type, metadata: { name, creationTimestamp: new Date().toISOString() }, spec, status: {} }
}

function reviewOf(object: JsonObject): string {
  const review = goodReview()
  const { username, groups } = Object(object['spec'])
  return JSON.stringify({
    ...review,
    request: { ...review.request, object, userInfo: { username, groups } },
  })
}

test('explain equals the webhook and the controller on every request of the suite', async () => {
  await using fake = await startCluster()
  const { api } = fake
  await using stack = new AsyncDisposableStack()
  const { log, recorder } = listen()
  const cluster = connect({ env: api.env, serviceAccount: api.serviceAccount }, recorder)
  stack.defer(() => cluster.close())
  const open = () =>
    openJudging({
      cluster,
      rules: () => rules,
      installedLedger: ledgerPlace,
      kubelets: null,
      truth: null,
      log,
      recorder,
    })
  const [service, own] = [open(), open()]
  service.start()
  const records = new Map<string, DecisionRecord>()
  const report = (record: DecisionRecord) => void records.set(record.csr.name, record)
  const controller = startApprover({
    session: { cluster },
    rules,
    looking: null,
    unproven: [],
    installedLedger: ledgerPlace,
    wants: () => true,
    report,
  })
  stack.defer(() => controller.stop())
  own.start()
  stack.defer(async () => void (await Promise.all([service.stop(), own.stop()])))
  await using webhook = await startWebhook(service.judge, { rules: () => rules })
  await until(
    () => [service, own].every(({ informers, ledger }) => informers.synced() && ledger.isRead()),
    'the lists are read',
  )
  const csrs = api.collection(CSRS)
  const tooLarge: string[] = []
  assert.ok(cases.length > 300, `only ${cases.length}`)
  for (const [index, { title, request }] of cases.entries()) {
    const name = `csr-${index}`
    const stored = csrs.put(csrOf(name, request))
    const answer = JSON.parse((await post(webhook.port, reviewOf(stored))).body)
    const read = subjectOfObject(stored)
    if (!read.ok) {
      // The API server lets no such CSR pass.
      assert.equal(answer.response.status.reason, 'MalformedReview', title)
      continue
    }
    if (answer.response.auditAnnotations === undefined) {
      // Neither reads it: the webhook refuses any review of that size, and the lists leave out the object.
      assert.match(String(answer.response.warnings), /^ReviewTooLarge: /u, title)
      tooLarge.push(title)
      csrs.remove(name)
      continue
    }
    const record = await until(() => records.get(name), `the controller decides about ${title}`)
    const { subject } = read
    await until(() => own.informers.csrs.get(name), title)
    // On a busy machine what was refreshed may be too old by the time it is judged.
    const explanation = await until(async () => {
      await own.facts.refresh()
      const given = { rules, clock: cluster.clock, everyStage: false }
      const explained = await explainWith(own, subject.reading, given)
      return own.facts.problem() === null ? explained : undefined
    }, title)
    const policy = { ok: true, rules, source: 'test' } as const
    const shown = JSON.parse(
      JSON.stringify(jsonOf({ subject, policy, explanation, looking: null, alone: false })),
    )

    const { verdict, reason, message } = record.decision
    assert.deepEqual(shown.controller, { verdict, reason, message, action: 'left' }, title)
    if (title === GRANTED) assert.match(message, /the last certificate with it went to Node node-2/u)
    const { response } = answer
    const { decision, reason: answered } = response.auditAnnotations
    assert.deepEqual([shown.webhook.verdict, shown.webhook.reason], [decision, answered], title)
    assert.equal(shown.webhook.action, response.warnings === undefined ? 'allowed' : 'warned', title)
    csrs.remove(name)
  }
  assert.deepEqual(tooLarge, ['too-large-by-far'])
})
