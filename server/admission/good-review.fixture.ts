/** For tests: a good review as a real API server sends it, and parts for a webhook whose judge says what the test wants. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { decideWithoutChecks } from '../../policies/evaluate.ts'
import { defaultRules } from '../../policies/good-request.fixture.ts'
import type { Rules } from '../../policies/rules.ts'
import type { CsrObject, Decision, Finding } from '../../policies/types.ts'
import type { AdmissionRecorder, Judge, Judgement, Log, JudgeInput, DecisionRecord } from '../ports.ts'
import { type Answered, type AnswerParts, answerReview } from './answer.ts'
import { readReview } from './review.ts'

const identity = {
  username: 'system:node:n1',
  groups: ['system:nodes', 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=0a'] },
}

/** Plain JSON that a test may break in one place. */
export function goodReview() {
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group: 'certificates.k8s.io', version: 'v1', kind: 'CertificateSigningRequest' },
      resource: { group: 'certificates.k8s.io', version: 'v1', resource: 'certificatesigningrequests' },
      name: 'csr-mtznx',
      operation: 'CREATE',
      userInfo: structuredClone(identity),
      object: {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: {
          name: 'csr-mtznx',
          generateName: 'csr-',
          uid: '11111111-2222-3333-4444-555555555555',
          creationTimestamp: '2026-11-24T08:00:00Z',
        },
        spec: {
          request: 'LS0t',
          signerName: 'kubernetes.io/kubelet-serving',
          usages: ['digital signature', 'server auth'],
          ...structuredClone(identity),
        },
        status: {},
      },
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  }
}

function goodSubject(): JudgeInput {
  const review = readReview(goodReview())
  if (review.kind !== 'csr') throw new Error('the good review is not good')
  return review.input
}

export function goodCsr(): CsrObject {
  return goodSubject().csr
}

/** A finding; without a field it is about the request. */
export type Drafted = Omit<Finding, 'field'> & Partial<Pick<Finding, 'field'>>

export function decisionOf(verdict: Decision['verdict'], drafted: readonly Drafted[] = []): Decision {
  const findings = drafted.map((finding) => ({ field: 'spec.request' as const, ...finding }))
  const first = findings.find(({ outcome }) => outcome !== 'pass' && outcome !== 'skipped')
  const reason = first?.code ?? 'Conforms'
  const message = first === undefined ? 'Conforms: all 27 checks pass' : `${first.code}: ${first.detail}`
  const decision: Decision = { verdict, reason, message, findings, awaited: true, policyHash: '0123456789ab' }
  return first?.retryAfterMs === undefined ? decision : { ...decision, retryAfterMs: first.retryAfterMs }
}

export function deciding(decision: Decision): (input: JudgeInput) => Promise<Judgement> {
  return async (input) => ({ decision, facts: factsOf(input) })
}

function factsOf(input: JudgeInput) {
  const request = { readable: false, code: 'None', at: 0, message: 'not read in this test' } as const
  return {
    purpose: input.purpose,
    now: 0,
    csr: input.csr,
    caller: input.caller,
    request,
    cluster: null,
  }
}

export function rulesIn(mode: Rules['settings']['mode']): Rules {
  return { ...defaultRules, settings: { ...defaultRules.settings, mode } }
}

export interface Seen {
  readonly reported: DecisionRecord[]
  readonly logged: { readonly level: string; readonly fields: object; readonly message: string }[]
  readonly counted: string[]
}

/** Parts of a webhook in `enforce`, and what they see. */
export function partsFor(
  judge: Judge,
  change: Partial<AnswerParts> = {},
): { parts: AnswerParts; seen: Seen } {
  const seen: Seen = { reported: [], logged: [], counted: [] }
  const logAt = (level: string) => (fields: object, message: string) =>
    void seen.logged.push({ level, fields, message })
  const log: Log = { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') }
  const recorder: AdmissionRecorder = {
    answered: (status) => void seen.counted.push(`answered ${status}`),
    inFlight: (count) => void seen.counted.push(`inFlight ${count}`),
    shed: () => void seen.counted.push('shed'),
    panicked: () => void seen.counted.push('panicked'),
  }
  const rules = rulesIn('enforce')
  const parts: AnswerParts = {
    judge,
    judgeBootstrap: () => decideWithoutChecks('Conforms', rules.hash),
    breakGlassGroups: [],
    rules: () => rules,
    callerIsProven: true,
    report: (record) => void seen.reported.push(record),
    recorder,
    clock: { monotonic: () => performance.now() },
    log,
    ...change,
  }
  return { parts, seen }
}

/** As {@link answerReview}, and resolves once it is reported. */
export async function answerAndReport(...args: Parameters<typeof answerReview>): Promise<Answered> {
  const answered = await answerReview(...args)
  await nextTurn()
  return answered
}
