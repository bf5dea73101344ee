import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fail, pass, unknown, type Check } from './check.ts'
import { requestIsReadable } from './checks/request-is-readable.ts'
import { type CheckCode, otherReasons } from './codes.ts'
import { evaluate } from './evaluate.ts'
import {
  atWebhook,
  defaultRules,
  goodFacts,
  judge,
  notLearnt,
  withAddresses,
  withCluster,
  withCsr,
  withNames,
  withNode,
} from './good-request.fixture.ts'
import { hostileFacts, hostileRules, hostileText } from './hostile-facts.fixture.ts'
import { checks, checksOf } from './index.ts'
import type { ClusterStage, Facts, Finding, Outcome } from './types.ts'

const ONE_LINE = /^[\x20-\x7e]{1,1024}$/u

test('a good request is approved by the controller and by the webhook, with a finding of each check', () => {
  const readable: Pick<Check, 'code' | 'field'> = requestIsReadable
  deepEqual(judge(goodFacts), {
    verdict: 'approve',
    reason: 'Conforms',
    message: `Conforms: all ${checks.length + 1} checks pass`,
    findings: [readable, ...checks].map(({ code, field = 'spec.request' }) => ({
      code,
      field,
      outcome: 'pass',
      detail: '',
    })),
    awaited: true,
    policyHash: '0123456789ab',
  })
  equal(judge(atWebhook()).message, `Conforms: all ${checksOf('admit').length + 1} checks pass`)
})

test('the webhook does not check whether the request is still awaited', () => {
  const stale = withCsr({ createdAt: goodFacts.now - 3_600_000 }, withNode({ createdAt: 0 }))
  const superseded = withCluster({ newerPending: { known: true, value: 'csr-newer' } }, stale)
  equal(judge(atWebhook({}, superseded)).verdict, 'approve')
  equal(judge(superseded).reason, 'Superseded')
  equal(judge(stale).reason, 'Expired')
})

test('a CSR that is not for us is ignored, even if it cannot be read', () => {
  const request = { readable: false, code: 'NotRead', at: 0, message: 'not read' } as const
  for (const [change, reason] of [
    [{ signerName: 'kubernetes.io/kube-apiserver-client-kubelet' }, 'OtherSigner'],
    [{ signerName: 'kubernetes.io/kubelet-serving ' }, 'OtherSigner'],
    [{ conditions: ['Approved'] }, 'AlreadyDecided'],
    [{ conditions: ['Denied'] }, 'AlreadyDecided'],
    [{ conditions: ['Other', 'Failed'] }, 'AlreadyDecided'],
    [{ issued: true }, 'AlreadyIssued'],
    [{ deleting: true }, 'BeingDeleted'],
  ] as const) {
    const decision = judge({ ...withCsr(change), request })
    const message = `${reason}: ${otherReasons[reason].when}`
    const policyHash = '0123456789ab'
    deepEqual(decision, { verdict: 'ignore', reason, message, findings: [], awaited: true, policyHash })
  }
  equal(judge(withCsr({ conditions: ['Other'] })).verdict, 'approve')
})

test('a violation outweighs a notYet, and a notYet outweighs an unknown', () => {
  const unread = withCluster({ reserved: notLearnt('not read') })
  const foreign = withAddresses(['c633640c'], unread)
  const weak = withCsr({ usages: ['client auth'] }, foreign)
  deepEqual(headline(unread), ['unknown', 'NameReserved: not read'])
  deepEqual(headline(foreign), [
    'notYet',
    "AddressNotOfNode: 198.51.100.12 is not an address of Node worker-1 (it has 198.51.100.11, 2001:db8::11). Check the kubelet's --node-ip",
  ])
  deepEqual(headline(weak), [
    'deny',
    'UsagesNotServing: the usages are "client auth". Allowed: "digital signature" and "server auth", with or without "key encipherment"',
  ])
  equal(judge(weak).findings.filter(({ outcome }) => outcome === 'notYet').length, 1)
})

test('the first failure in the order of the list is the reason, and all findings are kept', () => {
  const facts = withCsr({ finalizers: 1, usages: [] }, withNames(['*.example.com']))
  const decision = judge(facts)
  equal(decision.message, 'MetadataHasExtras: the CSR has finalizers (1). A kubelet sets none')
  deepEqual(codesOf(decision.findings, 'violation'), [
    'MetadataHasExtras',
    'NameMalformed',
    'UsagesNotServing',
  ])
})

test('before the look-ups nothing is approved, and a violation is final', () => {
  const early: Facts = { ...goodFacts, cluster: null }
  deepEqual(headline(early), ['unknown', 'KeyAlreadyUsed: not checked: the cluster was not asked'])
  const denied = judge({ ...early, csr: { ...early.csr, usages: [] } })
  equal(denied.verdict, 'deny')
  for (const finding of denied.findings) {
    const stage = checks.find(({ code }) => code === finding.code)?.stage ?? 'request'
    equal(finding.outcome === 'skipped', stage !== 'request', finding.code)
  }
})

test('Superseded, Expired and TooManyRequests never replace another finding', () => {
  const late = withCluster({ newerPending: { known: true, value: 'csr-newer' } })
  equal(judge(late).reason, 'Superseded')
  for (const [facts, reason] of [
    [withAddresses(['c633640c'], late), 'AddressNotOfNode'],
    [withCluster({ reserved: notLearnt('not read') }, late), 'NameReserved'],
    [withCsr({ usages: [] }, late), 'UsagesNotServing'],
  ] as const) {
    const decision = judge(facts)
    equal(decision.reason, reason)
    deepEqual(codesOf(decision.findings, 'skipped'), ['Superseded', 'Expired', 'TooManyRequests'])
  }
})

test('a check that throws makes the verdict error, and the message has its code', () => {
  const list = [scripted('NodeUnknown', fail('no')), throwing(new TypeError('x is\nundefined'))]
  const { verdict, message, findings } = evaluate(goodFacts, defaultRules, list)
  deepEqual(
    [verdict, message],
    ['error', String.raw`KeyTooWeak: internal error in this check: TypeError: x is\u000aundefined`],
  )
  equal(findings.length, 3)
  const violated = { ...scripted('NameMalformed', fail('no')), failure: 'violation' } as const
  equal(evaluate(goodFacts, defaultRules, [violated, ...list]).verdict, 'error')
})

test('any thrown value leads to the verdict error', () => {
  for (const thrown of [
    null,
    undefined,
    'text',
    Object.create(null),
    { toString: () => 1 / 0 },
    new Error('\u001b'),
  ])
    equal(evaluate(goodFacts, defaultRules, [throwing(thrown)]).verdict, 'error')
})

test('a check that returns nothing approves nothing', () => {
  // @ts-expect-error -- an outcome that is not one, as from a check that forgot to return
  const list = [scripted('KeyTooWeak', undefined)]
  equal(evaluate(goodFacts, defaultRules, list).verdict, 'error')
})

test('a request is approved only if every check passes', () => {
  const outcomes = [pass, fail('no'), unknown('not read')]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...outcomes), { minLength: 1, maxLength: 5 }), (wanted) => {
      const list = wanted.map((outcome) => scripted('NodeUnknown', outcome))
      const { verdict } = evaluate(goodFacts, defaultRules, list)
      equal(
        verdict === 'approve',
        wanted.every((outcome) => outcome === pass),
      )
    }),
  )
})

test('a check of the controller alone refuses no CSR that is created, and the guard approves no more than the controller', () => {
  const late = withCluster({ newerPending: { known: true, value: 'csr-newer' } })
  equal(judge(late).reason, 'Superseded')
  equal(judge({ ...late, purpose: 'guard' }).reason, 'Superseded')
  equal(judge(atWebhook({}, late)).verdict, 'approve')
  deepEqual(checksOf('guard'), checksOf('approve'))
})

test('without a check that ran nothing is approved', () => {
  const wanted = ['error', 'InternalError: no check belongs to this purpose']
  const { verdict, message } = evaluate(goodFacts, defaultRules, [])
  deepEqual([verdict, message], wanted)
  const misspelt: Facts = JSON.parse(JSON.stringify({ ...goodFacts, purpose: 'Approve' }))
  deepEqual(headline(misspelt), wanted)
})

test('every check gives an outcome for any facts and never throws', () => {
  fc.assert(
    fc.property(hostileFacts, hostileRules, (facts, rules) => {
      for (const check of checks) {
        const result = check.run(facts, rules)
        ok(['pass', 'fail', 'unknown'].includes(result.outcome))
        if (result.outcome !== 'pass') notEqual(result.detail, undefined, check.code)
      }
    }),
    { numRuns: 500 },
  )
})

test('a check of the request stage needs nothing of the cluster', () => {
  const poisoned: ClusterStage = Object.defineProperty({ ...goodFacts }, 'cluster', {
    get: () => {
      throw new Error('looked at the cluster')
    },
  })
  for (const check of checks)
    if (check.stage === 'request') deepEqual(check.run(poisoned, defaultRules), pass)
})

test('every message and detail is one line of printable ASCII within an Event’s 1,024 bytes', () => {
  fc.assert(
    fc.property(hostileFacts, hostileRules, (facts, rules) => {
      const { message, findings } = evaluate(facts, rules, checks)
      match(message, ONE_LINE)
      for (const { outcome, detail } of findings)
        if (outcome !== 'pass') match(detail, /^[\x20-\x7e]{0,960}$/u)
    }),
    { numRuns: 500 },
  )
})

test('only a superseded or expired CSR is no longer awaited', () => {
  const stale = withCsr({ createdAt: goodFacts.now - 3_600_000 }, withNode({ createdAt: 0 }))
  equal(judge(stale).awaited, false)
  equal(judge(withCluster({ newerPending: { known: true, value: 'csr-newer' } })).awaited, false)
  for (const facts of [goodFacts, withCsr({ usages: [] }, stale), withAddresses([], stale)])
    equal(judge(facts).awaited, true)
})

test('a finding points at the field of the CSR that it is about', () => {
  const fields = judge(goodFacts).findings.filter(({ field }) => field !== 'spec.request')
  deepEqual(
    fields.map(({ code, field }) => `${code} ${field}`),
    [
      'RequesterNotNode spec.username',
      'CredentialRefused spec.extra',
      'MetadataHasExtras metadata',
      'UsagesNotServing spec.usages',
      'LifetimeNotAllowed spec.expirationSeconds',
    ],
  )
})

test('the fault of an unreadable request is one line too', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (code, text) => {
      const request = { readable: false, code, at: 3, message: text } as const
      match(judge({ ...goodFacts, request }).message, ONE_LINE)
    }),
  )
})

test('for any facts the verdict follows from the findings, and every check leaves a finding', () => {
  fc.assert(
    fc.property(hostileFacts, hostileRules, (facts, rules) => {
      const { verdict, findings } = evaluate(facts, rules, checksOf(facts.purpose))
      equal(
        verdict === 'approve',
        findings.every(({ outcome }) => outcome === 'pass'),
      )
      equal(
        verdict === 'deny',
        findings.some(({ outcome }) => outcome === 'violation'),
      )
      equal(findings.length, checksOf(facts.purpose).length + 1)
    }),
    { numRuns: 500 },
  )
})

test('facts, policy and decision are plain JSON: a record replays to the same decision', () => {
  fc.assert(
    fc.property(hostileFacts, hostileRules, (facts, rules) => {
      const replayed = evaluate(
        overTheWire(facts),
        { ...rules, settings: overTheWire(rules.settings) },
        checks,
      )
      const decision = evaluate(facts, rules, checks)
      deepEqual(replayed, decision)
      deepEqual(overTheWire(decision), decision)
    }),
    { numRuns: 300 },
  )
})

function overTheWire<T>(value: T): T {
  const copy: T = JSON.parse(JSON.stringify(value))
  return copy
}

function headline(facts: Facts): [string, string] {
  const { verdict, message } = judge(facts)
  return [verdict, message]
}

function codesOf(findings: readonly Finding[], wanted: Finding['outcome']): string[] {
  return findings.filter(({ outcome }) => outcome === wanted).map(({ code }) => code)
}

function scripted(code: CheckCode, outcome: Outcome): Check {
  const text = { requires: 'A test.', because: 'A test.', source: 'a test' }
  return {
    code,
    stage: 'cluster',
    failure: 'notYet',
    ...text,
    run: () => outcome,
  }
}

function throwing(thrown: unknown): Check {
  const run = (): never => {
    throw thrown
  }
  return { ...scripted('KeyTooWeak', pass), stage: 'request', run }
}
