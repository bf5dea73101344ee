import { type CheckCode, otherReasons, type ReasonCode } from '../../policies/codes.ts'
import type { Settings } from '../../policies/settings.ts'
import type { CsrObject, Decision, Field, Finding } from '../../policies/types.ts'
import type { Action } from '../ports.ts'
import { oneLine } from '../../policies/text.ts'

/** An admission.k8s.io/v1 AdmissionReview that answers one. */
export interface AdmissionAnswer {
  readonly apiVersion: 'admission.k8s.io/v1'
  readonly kind: 'AdmissionReview'
  readonly response: {
    readonly uid: string
    readonly allowed: boolean
    readonly status?: RefusalStatus
    readonly warnings?: readonly string[]
    readonly auditAnnotations?: Readonly<Record<string, string>>
  }
}

/** A metav1.Status. kubectl shows reason and message, a kubelet's log only the message; `causes` are for programs. */
interface RefusalStatus {
  readonly code: number
  readonly reason: ReasonCode
  readonly message: string
  readonly details?: {
    readonly name: string
    readonly group: string
    readonly kind: string
    readonly causes: readonly Cause[]
    /** The API server makes it the header Retry-After. client-go then repeats the same request, silently, after that time. */
    readonly retryAfterSeconds?: number
  }
}

interface Cause {
  readonly reason: CheckCode
  readonly message: string
  readonly field: Field
}

export interface Response {
  readonly action: Extract<Action, 'allowed' | 'warned' | 'refused'>
  readonly answer: AdmissionAnswer
}

/** The client gets it verbatim; a finding's detail is a sentence, so this cuts only what is not one. */
const MESSAGE_MAX = 1_024
/** The API server cuts warnings to 256 characters once all of a request exceed 4,096; so at most 8, and it never does. */
const WARNING_MAX = 256
const WARNINGS_MAX = 8

export interface Circumstances {
  readonly mode: Settings['mode']
  /** Whether the caller is known to be an API server. Anybody else learns nothing of the cluster. */
  readonly callerIsProven: boolean
}

/**
 * What the webhook does about a decision on a CSR that is created. Only `enforce` refuses; in the other modes what would have
 * been refused is a warning, and the controller decides about the stored CSR.
 */
export function actionOn({ verdict }: Pick<Decision, 'verdict'>, mode: Settings['mode']): Response['action'] {
  switch (verdict) {
    case 'approve':
    case 'ignore':
      return 'allowed'
    case 'unknown':
      return 'warned'
    case 'deny':
    case 'notYet':
    case 'error':
      return mode === 'enforce' ? 'refused' : 'warned'
  }
}

/** The answer to the review `uid`, as {@link actionOn} decides. */
export function respond(
  uid: string,
  csr: CsrObject,
  judged: Decision,
  { mode, callerIsProven }: Circumstances,
): Response {
  const action = actionOn(judged, mode)
  const decision = callerIsProven ? judged : withoutFacts(judged)
  const auditAnnotations = auditOf(decision)
  if (action === 'allowed') return { action, answer: answerTo({ uid, allowed: true, auditAnnotations }) }
  if (action === 'refused') {
    const status = refusalOf(csr, decision)
    return { action, answer: answerTo({ uid, allowed: false, status, auditAnnotations }) }
  }
  const isUnknown = decision.verdict === 'unknown'
  const warnings = warningsOf(
    decision,
    isUnknown ? 'allowed unjudged, which grants nothing' : allowedIn(mode),
  )
  return { action, answer: answerTo({ uid, allowed: true, warnings, auditAnnotations }) }
}

export function auditOf({ verdict, reason, policyHash }: Decision): Readonly<Record<string, string>> {
  return { decision: verdict, reason, 'policy-hash': policyHash }
}

/** The decision in the words for a caller who may be anybody. One without findings has no others. */
export function withoutFacts(decision: Decision): Decision {
  const findings = decision.findings.map((finding) => {
    const { detail, publicDetail = detail } = finding
    return { ...finding, detail: publicDetail }
  })
  const first = failing({ findings }).find(({ code }) => code === decision.reason)
  const message = first === undefined ? decision.message : `${first.code}: ${first.detail}`
  return { ...decision, message, findings }
}

/** Allows what is not for us. */
export function passBy(uid: string): AdmissionAnswer {
  return answerTo({ uid, allowed: true })
}

/** Refuses what cannot be read as the request it claims to be. */
export function refuseMalformed(uid: string, problem: string): AdmissionAnswer {
  const message = oneLine(`MalformedReview: ${problem}`, MESSAGE_MAX)
  return answerTo({ uid, allowed: false, status: { code: 400, reason: 'MalformedReview', message } })
}

/** Answers for a CSR that was not read. Like {@link respond}, it refuses only in `enforce`. */
export function respondOversized(uid: string, problem: string, mode: Settings['mode']): AdmissionAnswer {
  const message = oneLine(`ReviewTooLarge: ${problem}; a kubelet's has about 4 kB`, MESSAGE_MAX)
  if (mode === 'enforce')
    return answerTo({ uid, allowed: false, status: { code: 413, reason: 'ReviewTooLarge', message } })
  return answerTo({ uid, allowed: true, warnings: warningsFrom([message], allowedIn(mode)) })
}

/** After an internal error: only the log has the cause, since the requester must not learn it. */
const bugStatus: RefusalStatus = {
  code: 500,
  reason: 'InternalError',
  message: `InternalError: ${otherReasons.InternalError.when}`,
}

export function refusalOf(csr: CsrObject, decision: Decision): RefusalStatus {
  const details = {
    name: oneLine(csr.name, WARNING_MAX),
    group: 'certificates.k8s.io',
    kind: 'certificatesigningrequests',
    causes: failing(decision).map(({ code, field, detail }) => ({
      reason: code,
      message: oneLine(detail, MESSAGE_MAX),
      field,
    })),
  }
  if (decision.verdict === 'error') return bugStatus
  const { reason, retryAfterMs } = decision
  const message = oneLine(decision.message, MESSAGE_MAX)
  if (retryAfterMs === undefined) return { code: 403, reason, message, details }
  const retryAfterSeconds = Math.ceil(retryAfterMs / 1_000)
  return { code: 429, reason, message, details: { ...details, retryAfterSeconds } }
}

export function warningsOf(decision: Decision, outcome: string): string[] {
  const findings = failing(decision).map(({ code, detail }) => `${code}: ${detail}`)
  const messages = findings.length > 0 ? findings : [decision.message]
  const shown = decision.verdict === 'error' ? [bugStatus.message] : messages.slice(0, WARNINGS_MAX - 1)
  return warningsFrom(shown, outcome)
}

function warningsFrom(messages: readonly string[], outcome: string): string[] {
  return [...messages, `kubelet-csr-gate: ${outcome}`].map((warning) => oneLine(warning, WARNING_MAX))
}

function allowedIn(mode: Settings['mode']): string {
  return `allowed in mode ${mode}, which grants nothing`
}

/** What kept the CSR from approval. */
function failing(decision: Pick<Decision, 'findings'>): readonly Finding[] {
  return decision.findings.filter(({ outcome }) => outcome !== 'pass' && outcome !== 'skipped')
}

export function answerTo(response: AdmissionAnswer['response']): AdmissionAnswer {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }
}
