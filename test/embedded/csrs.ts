/**
 * CertificateSigningRequests, as their registry and validation have them.
 * Kubernetes: pkg/registry/certificates/certificates/strategy.go, pkg/apis/certificates/validation/validation.go
 */
import { isObject, objectAt, textAt } from '../../server/json.ts'
import type { Json, JsonObject } from '../../server/ports.ts'
import { x509 } from '../kit/pki.ts'
import { secondsOf } from './collection.ts'
import { duplicate, type FieldFault, forbidden, invalid, required, unsupported } from './refusal.ts'
import type { Strategy } from './strategy.ts'

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]
/** Ten minutes. */
const SHORTEST_SECONDS = 600
/** These exclude or outlast each other; any other type of condition is free. */
const DECISIONS = ['Approved', 'Denied']
const LASTING = [...DECISIONS, 'Failed']

export const csrStrategy: Strategy = {
  prepareForCreate(object, { username, uid, groups, extra }) {
    const spec = {
      ...objectAt(object, 'spec'),
      username,
      ...(uid !== undefined && { uid }),
      groups,
      ...(extra !== undefined && { extra }),
    }
    return { ...object, spec, status: {} }
  },
  validate: (object) => specFaults(objectAt(object, 'spec')),
  prepareForUpdate(next, before, at) {
    const { spec } = before
    if (at === null) return { ...next, spec, status: before['status'] ?? {} }
    return { ...next, spec, status: at === 'approval' ? approval(next, before) : result(next, before) }
  },
  validateUpdate: (next, before, at) => [
    ...conditionFaults(next),
    ...(at === 'approval' ? [] : decisionFaults(next, before)),
    ...lastingFaults(next, before),
    ...certificateFaults(next, before),
  ],
}

/** The approval subresource writes conditions and nothing else. */
function approval(next: JsonObject, before: JsonObject): JsonObject {
  const { conditions: _, ...rest } = objectAt(before, 'status')
  return { ...rest, ...conditionsField(timed(next, before)) }
}

/** The status subresource writes the rest. */
function result(next: JsonObject, before: JsonObject): JsonObject {
  const { conditions: _, ...rest } = objectAt(next, 'status')
  return { ...rest, ...conditionsField(timed(next, before)) }
}

const conditionsField = (conditions: readonly JsonObject[]): JsonObject =>
  conditions.length === 0 ? {} : { conditions }

/** Fills in times that were not sent. */
function timed(next: JsonObject, before: JsonObject): readonly JsonObject[] {
  const now = secondsOf(new Date())
  return conditionsOf(next).map((one) => {
    const known = conditionsOf(before).find((other) => other['type'] === one['type'])
    const { lastUpdateTime = now, lastTransitionTime = known?.['lastTransitionTime'] ?? now } = one
    return { ...one, lastUpdateTime, lastTransitionTime }
  })
}

/** Of a CSR. */
export function conditionsOf(object: JsonObject): readonly JsonObject[] {
  const { conditions } = objectAt(object, 'status')
  return Array.isArray(conditions) ? conditions.filter(isObject) : []
}

function typesOf(object: JsonObject): readonly string[] {
  return conditionsOf(object).map((one) => textAt(one, 'type'))
}

function specFaults(spec: JsonObject): readonly FieldFault[] {
  return [
    ...requestFaults(textAt(spec, 'request')),
    ...usageFaults(spec['usages']),
    ...signerFaults(textAt(spec, 'signerName')),
    ...lifetimeFaults(spec['expirationSeconds']),
  ]
}

/** Go parses the request and verifies its signature before anything is stored; other than Go, this parser takes BER. */
function requestFaults(encoded: string): readonly FieldFault[] {
  const pem = Buffer.from(encoded, 'base64').toString('latin1')
  const because = unreadable(pem)
  return because === null ? [] : [invalid('spec.request', encoded, because)]
}

/** The first block of any PEM text, as encoding/pem finds it. */
const BLOCK = /-----BEGIN (?<type>[^-]+)-----\s+(?<content>[\s\S]*?)-----END \k<type>-----/u

function unreadable(pem: string): string | null {
  const { type, content = '' } = BLOCK.exec(pem)?.groups ?? {}
  if (type !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST'
  try {
    const { publicKey } = new x509.Pkcs10CertificateRequest(Buffer.from(bodyOf(content), 'base64'))
    return publicKey.rawData.byteLength > 0 ? null : 'there is no public key'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** What stands below the headers of a block. */
function bodyOf(content: string): string {
  return content.replaceAll(/^[^\n:]*:.*$/gmu, '')
}

function usageFaults(usages: Json | undefined): readonly FieldFault[] {
  const all = Array.isArray(usages) ? usages.map(String) : []
  if (all.length === 0) return [required('spec.usages', '')]
  return all.flatMap((usage, index) => {
    if (!USAGES.includes(usage)) return [unsupported(`spec.usages[${index}]`, usage, USAGES)]
    return all.indexOf(usage) < index ? [duplicate(`spec.usages[${index}]`, usage)] : []
  })
}

function signerFaults(signer: string): readonly FieldFault[] {
  if (signer === '') return [required('spec.signerName', '')]
  if (/^[^/]+\/[^/]+$/u.test(signer)) return []
  return [
    invalid(
      'spec.signerName',
      signer,
      "must be a fully qualified domain and path of the form 'example.com/signer-name'",
    ),
  ]
}

function lifetimeFaults(seconds: Json | undefined): readonly FieldFault[] {
  if (typeof seconds !== 'number' || seconds >= SHORTEST_SECONDS) return []
  const because = 'may not specify a duration less than 600 seconds (10 minutes)'
  return [invalid('spec.expirationSeconds', seconds, because)]
}

function conditionFaults(next: JsonObject): readonly FieldFault[] {
  const types = typesOf(next)
  const each = conditionsOf(next).flatMap((one, index) => {
    const at = `status.conditions[${index}]`
    const type = textAt(one, 'type')
    if (type === '') return [required(`${at}.type`, '')]
    if (LASTING.includes(type) && one['status'] !== 'True')
      return one['status'] === undefined || one['status'] === ''
        ? [required(`${at}.status`, '')]
        : [unsupported(`${at}.status`, textAt(one, 'status'), ['True'])]
    return types.indexOf(type) < index ? [duplicate(`${at}.type`, type)] : []
  })
  const both = DECISIONS.every((type) => types.includes(type))
  return both
    ? [
        ...each,
        invalid('status.conditions', 'Denied', 'Approved and Denied conditions are mutually exclusive'),
      ]
    : each
}

/** Only the approval subresource decides. */
function decisionFaults(next: JsonObject, before: JsonObject): readonly FieldFault[] {
  return DECISIONS.filter((type) => typesOf(next).includes(type) && !typesOf(before).includes(type)).map(
    (type) => forbidden('status.conditions', `updates may not add a condition of type "${type}"`),
  )
}

function lastingFaults(next: JsonObject, before: JsonObject): readonly FieldFault[] {
  return LASTING.filter((type) => typesOf(before).includes(type) && !typesOf(next).includes(type)).map(
    (type) => forbidden('status.conditions', `updates may not remove a condition of type "${type}"`),
  )
}

function certificateFaults(next: JsonObject, before: JsonObject): readonly FieldFault[] {
  const [now, then] = [next, before].map((object) => textAt(objectAt(object, 'status'), 'certificate'))
  const because = 'updates may not modify existing certificate content'
  return then !== '' && now !== then ? [forbidden('status.certificate', because)] : []
}
