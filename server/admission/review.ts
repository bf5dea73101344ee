import { BOOTSTRAPPERS_GROUP } from '../../policies/bootstrap.ts'
import { readCsrObject, readIdentity } from '../facts/csr-object.ts'
import { Fields } from '../facts/fields.ts'
import { ELEMENT_MAX_BYTES, type JsonBounds, parseJson } from '../json-scan.ts'
import type { Identity } from '../../policies/types.ts'
import type { CsrReading, JudgeInput } from '../ports.ts'

/** What a caller sent, as far as it can be answered. */
export type Review =
  /** No usable uid: no AdmissionReview can answer it, so an HTTP status does. */
  | { readonly kind: 'unanswerable'; readonly status: 400 | 413; readonly problem: string }
  /** Too large to be read. */
  | { readonly kind: 'oversized'; readonly uid: string; readonly problem: string }
  /** Another resource, subresource or operation: not for us. */
  | { readonly kind: 'foreign'; readonly uid: string }
  /** For us, but not what it claims to be. */
  | { readonly kind: 'malformed'; readonly uid: string; readonly problem: string }
  | { readonly kind: 'csr'; readonly uid: string; readonly dryRun: boolean; readonly input: JudgeInput }
  /** Somebody approves a stored CSR. */
  | ApprovalReview
  | BootstrapReview

/** A bootstrap identity creates a CSR for the client certificate of a node. */
export interface BootstrapReview {
  readonly kind: 'bootstrap'
  readonly uid: string
  readonly dryRun: boolean
  readonly reading: CsrReading
  readonly caller: Identity
}

export interface ApprovalReview {
  readonly kind: 'approval'
  readonly uid: string
  readonly dryRun: boolean
  readonly approver: Identity
  /** The CSR as it is stored. */
  readonly input: JudgeInput
}

const GROUP = 'certificates.k8s.io'
const RESOURCE = 'certificatesigningrequests'
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet'
const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT']

/** A kubelet's review has 76 elements, nine deep; another 200 where its requester is in 100 groups. */
const REVIEW_BOUNDS: JsonBounds = { elements: 2_048, depth: 32 }

/** The API server sends a UUID of 36 characters. Anything printable will do, since it is only handed back. */
const USABLE_UID = /^[!-~]{1,128}$/

/** The beginning of what the API server writes: nothing that a requester chose comes before the uid. */
const HEAD =
  /^\{"kind":"AdmissionReview","apiVersion":"admission\.k8s\.io\/v1","request":\{"uid":"(?<uid>[!#-[\]-~]{1,128})"/u

/** Parses a body. `grownBytes`: about what it takes once it is parsed. */
export function parseReview(body: Buffer): { readonly review: Review; readonly grownBytes: number } {
  const parsed = parseJson(body, REVIEW_BOUNDS)
  if (parsed.ok) return { review: readReview(parsed.value), grownBytes: parsed.elements * ELEMENT_MAX_BYTES }
  const review = parsed.outOfBounds
    ? readOversized(body, parsed.because)
    : unanswerable('the body is not JSON')
  return { review, grownBytes: 0 }
}

/** Reads the uid of a review that is too large. A requester may have padded its CSR, so it must be refused, by that uid. */
export function readOversized(head: Buffer, because: string): Review {
  const problem = `the AdmissionReview ${because}`
  const uid = HEAD.exec(head.toString('latin1', 0, 1_024))?.groups?.['uid']
  return uid === undefined
    ? { kind: 'unanswerable', status: 413, problem }
    : { kind: 'oversized', uid, problem }
}

function unanswerable(problem: string): Review {
  return { kind: 'unanswerable', status: 400, problem }
}

/**
 * Reads the parsed body of one call as an admission.k8s.io/v1 AdmissionReview.
 * Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/request/admissionreview.go
 */
export function readReview(body: unknown): Review {
  const envelope = new Fields(body, 'body')
  const request = envelope.object('request')
  const uid = request.text('uid')
  if (envelope.problems.length > 0) return unanswerable(sentence(envelope.problems))
  if (!USABLE_UID.test(uid)) {
    return unanswerable('body.request.uid is not 1 to 128 printable characters')
  }
  if (
    envelope.optionalText('apiVersion') !== 'admission.k8s.io/v1' ||
    envelope.optionalText('kind') !== 'AdmissionReview'
  ) {
    return { kind: 'malformed', uid, problem: 'the body is not an AdmissionReview of admission.k8s.io/v1' }
  }
  return readRequest(uid, request)
}

function readRequest(uid: string, request: Fields): Review {
  const resource = request.object('resource')
  const operation = request.text('operation')
  const version = resource.text('version')
  const subResource = request.optionalText('subResource')
  const ours = resource.optionalText('group') === GROUP && resource.text('resource') === RESOURCE
  if (request.problems.length > 0) return { kind: 'malformed', uid, problem: sentence(request.problems) }
  if (!OPERATIONS.includes(operation)) {
    return { kind: 'malformed', uid, problem: `request.operation is none of ${OPERATIONS.join(', ')}` }
  }
  const read = ours ? readers[`${operation} ${subResource}`] : undefined
  if (read === undefined) return { kind: 'foreign', uid }
  if (version !== 'v1') {
    return {
      kind: 'malformed',
      uid,
      problem: `only ${RESOURCE}.v1.${GROUP} is judged, not another version of it`,
    }
  }
  const { objects, as } = read
  const strange = objects.find((key) => !isCsr(request.object(key)))
  if (strange === undefined) return as(uid, request)
  const problem = `request.${strange} is not a CertificateSigningRequest of ${GROUP}/v1`
  return { kind: 'malformed', uid, problem }
}

interface Reader {
  readonly objects: readonly ('object' | 'oldObject')[]
  readonly as: (uid: string, request: Fields) => Review
}

/** By operation and subresource. */
const readers: Readonly<Record<string, Reader>> = {
  'CREATE ': { objects: ['object'], as: readCreation },
  'UPDATE approval': { objects: ['object', 'oldObject'], as: readUpdate },
}

function isCsr(object: Fields): boolean {
  return (
    object.optionalText('apiVersion') === `${GROUP}/v1` &&
    object.optionalText('kind') === 'CertificateSigningRequest'
  )
}

function readCreation(uid: string, request: Fields): Review {
  const read = readCsrObject(request.object('object'))
  const caller = readIdentity(request.object('userInfo'))
  const dryRun = request.flag('dryRun')
  if (request.problems.length > 0) return { kind: 'malformed', uid, problem: sentence(request.problems) }
  if (isBootstrap(read, caller)) return { kind: 'bootstrap', uid, dryRun, reading: read, caller }
  const input = Object.freeze({ purpose: 'admit', ...read, caller } as const)
  return Object.freeze({ kind: 'csr', uid, dryRun, input })
}

/** Whether a bootstrap identity asks for the client certificate of a node. A node that renews its own is none. */
function isBootstrap({ csr }: CsrReading, caller: Identity): boolean {
  return csr.signerName === CLIENT_SIGNER && caller.groups.includes(BOOTSTRAPPERS_GROUP)
}

/** The API server keeps the stored spec with an update of this subresource, whatever the client sent. */
function readUpdate(uid: string, request: Fields): Review {
  const updated = readCsrObject(request.object('object'))
  const stored = readCsrObject(request.object('oldObject'))
  const approver = readIdentity(request.object('userInfo'))
  const dryRun = request.flag('dryRun')
  if (request.problems.length > 0) return { kind: 'malformed', uid, problem: sentence(request.problems) }
  if (!isApproved(updated) || isApproved(stored)) return { kind: 'foreign', uid }
  const input = Object.freeze({ purpose: 'guard', ...stored, caller: null } as const)
  return Object.freeze({ kind: 'approval', uid, dryRun, approver, input })
}

function isApproved({ csr }: CsrReading): boolean {
  return csr.conditions.includes('Approved')
}

function sentence(problems: readonly string[]): string {
  return problems.join('; ')
}
