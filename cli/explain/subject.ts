import { commonNames } from '../../policies/request.ts'
import { NODES_GROUP } from '../../policies/node-name.ts'
import { listed } from '../../policies/text.ts'
import { encoded, isObject, objectAt, textAt } from '../../server/json.ts'
import { readCsr } from '../../server/explain.ts'
import { readRequest } from '../../server/pkcs10/request.ts'
import type { CsrReading, Json, JsonObject } from '../../server/ports.ts'
import { EXIT, type Problem } from '../exit-codes.ts'

/** What is to be explained. */
export interface Subject {
  readonly reading: CsrReading
  /** How it stands now: `pending`, `approved`, `issued`, `denied` or `failed`; `new` if it is not in the cluster. */
  readonly state: State
  /** The reason and message of the condition that decided it; empty while it waits. */
  readonly decidedBy: string
  /** What a file does not say, and was taken as a kubelet has it. */
  readonly assumed: readonly string[]
}

type State = 'new' | 'pending' | 'approved' | 'issued' | 'denied' | 'failed'

export type SubjectReading =
  | { readonly ok: true; readonly subject: Subject }
  | { readonly ok: false; readonly problem: Problem }

/** A CSR as the API server returned it. */
export function subjectOfObject(object: JsonObject): SubjectReading {
  const read = readCsr(object)
  if (!read.ok) return refuse(`the CSR cannot be read: ${listed(read.problems)}`)
  const conditions = objectAt(object, 'status')['conditions']
  const { state, decidedBy } = standingOf(read.reading, Array.isArray(conditions) ? conditions : [])
  return { ok: true, subject: { reading: read.reading, state, decidedBy, assumed: [] } }
}

/** As {@link subjectOfObject}, for lists; undefined for what cannot be read. */
export function selectSubject(object: JsonObject): Subject | undefined {
  const read = subjectOfObject(object)
  return read.ok ? read.subject : undefined
}

function standingOf({ csr }: CsrReading, conditions: readonly Json[]): Pick<Subject, 'state' | 'decidedBy'> {
  const decided = conditions
    .toReversed()
    .find((one) => ['Approved', 'Denied', 'Failed'].includes(textAt(objectAt(one), 'type')))
  if (decided === undefined) return { state: csr.issued ? 'issued' : 'pending', decidedBy: '' }
  const condition = objectAt(decided)
  const [reason, message] = [textAt(condition, 'reason'), textAt(condition, 'message')]
  const decidedBy = message.startsWith(reason) ? message : `${reason}: ${message}`
  const type = textAt(condition, 'type')
  if (type === 'Failed') return { state: 'failed', decidedBy }
  if (type === 'Denied') return { state: 'denied', decidedBy }
  return { state: csr.issued ? 'issued' : 'approved', decidedBy }
}

/** A manifest of a CSR that may not be in the cluster yet: what the API server would add is taken as a kubelet has it. */
export function subjectOfManifest(manifest: JsonObject, now: number): SubjectReading {
  const spec = objectAt(manifest, 'spec')
  const request = textAt(spec, 'request')
  const assumed: string[] = []
  const complete = {
    ...manifest,
    metadata: metadataOf(manifest, now),
    spec: specOf(spec, request, assumed),
    status: {},
  }
  const read = readCsr(complete)
  if (!read.ok) return refuse(`the CSR cannot be read: ${listed(read.problems)}`)
  return { ok: true, subject: { reading: read.reading, state: 'new', decidedBy: '', assumed } }
}

/** Only a request: PEM text, or base64 of it. */
export function subjectOfRequest(text: string, now: number): SubjectReading {
  return subjectOfManifest({ spec: { request: requestIn(text) } }, now)
}

/** `spec.request` of a request as PEM text or base64 of it. */
export function requestIn(text: string): string {
  return text.startsWith('-----') ? encoded(text) : text.trim()
}

function metadataOf(manifest: JsonObject, now: number): JsonObject {
  const metadata = objectAt(manifest, 'metadata')
  const name = textAt(metadata, 'name') || 'csr'
  // Judged as if it was created now: what a file says of its age is of no use.
  return { ...metadata, name, uid: 'none', creationTimestamp: new Date(now).toISOString() }
}

function specOf(spec: JsonObject, request: string, assumed: string[]): JsonObject {
  const filled: Record<string, Json | undefined> = {
    signerName: 'kubernetes.io/kubelet-serving',
    ...spec,
    request,
  }
  if (!Array.isArray(filled['usages'])) {
    filled['usages'] = ['digital signature', 'server auth']
    assumed.push('the usages digital signature and server auth')
  }
  if (textAt(spec, 'username') !== '') return filled
  const parsed = readRequest(request)
  const [username = ''] = parsed.readable ? commonNames(parsed) : []
  assumed.push('that the requester is the node in the common name')
  return { ...filled, username, groups: [NODES_GROUP, 'system:authenticated'] }
}

/** The one object of a manifest, or of a List with one. */
export function onlyObject(content: unknown): JsonObject | null {
  if (!isObject(content)) return null
  const items = content['items']
  if (!Array.isArray(items)) return content
  const [first, ...others]: readonly Json[] = items
  return others.length === 0 && isObject(first) ? first : null
}

/** A CSR that is decided is judged as if the same request was made now: why it would be approved or not. */
export function asPending({ state, reading }: Subject, now: number): CsrReading {
  if (state === 'pending') return reading
  const { csr } = reading
  return { ...reading, csr: { ...csr, createdAt: now, conditions: [], issued: false, deleting: false } }
}

const refuse = (message: string): SubjectReading => ({
  ok: false,
  problem: { message, exitCode: EXIT.usage },
})
