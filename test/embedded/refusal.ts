/**
 * The answers of a Kubernetes API server that are not objects: metav1.Status, in the words of
 * k8s.io/apimachinery/pkg/api/errors. Thrown, since they end a request from any depth, and caught in one place: api.ts.
 */
import type { JsonObject } from '../../server/ports.ts'
import type { Resource } from './resources.ts'

export class Refusal extends Error {
  readonly status: JsonObject
  readonly code: number

  constructor(code: number, reason: string, message: string, rest: JsonObject = {}) {
    super(message)
    this.code = code
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...rest,
      code,
    }
  }
}

/** One fault of an object: `spec.usages: Required value: …`. */
export interface FieldFault {
  readonly field: string
  /** `FieldValueInvalid`, as the cause of a Status has it. */
  readonly cause: string
  readonly message: string
}

const fault = (cause: string, title: string) => (field: string, detail: string) => ({
  field,
  cause,
  message: detail === '' ? title : `${title}: ${detail}`,
})
export const required = fault('FieldValueRequired', 'Required value')
export const forbidden = fault('FieldValueForbidden', 'Forbidden')
export const duplicate = (field: string, value: string): FieldFault =>
  fault('FieldValueDuplicate', 'Duplicate value')(field, JSON.stringify(value))
export const invalid = (field: string, value: unknown, detail: string): FieldFault =>
  fault('FieldValueInvalid', 'Invalid value')(field, `${JSON.stringify(value)}: ${detail}`)
export const tooLong = (field: string, detail: string): FieldFault =>
  fault('FieldValueTooLong', 'Too long')(field, detail)
export const unsupported = (field: string, value: string, supported: readonly string[]): FieldFault =>
  fault('FieldValueNotSupported', 'Unsupported value')(
    field,
    `${JSON.stringify(value)}: supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`,
  )

/** `certificatesigningrequests.certificates.k8s.io`. */
function qualified({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`
}

const about = (resource: Resource, name: string): JsonObject => ({
  details: { name, ...(resource.group !== '' && { group: resource.group }), kind: resource.plural },
})

export function notFound(resource: Resource, name: string): Refusal {
  return new Refusal(404, 'NotFound', `${qualified(resource)} "${name}" not found`, about(resource, name))
}

export function alreadyExists(resource: Resource, name: string): Refusal {
  const message = `${qualified(resource)} "${name}" already exists`
  return new Refusal(409, 'AlreadyExists', message, about(resource, name))
}

export function conflict(resource: Resource, name: string, because: string): Refusal {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${because}`
  return new Refusal(409, 'Conflict', message, about(resource, name))
}

export function unacceptable(resource: Resource, name: string, faults: readonly FieldFault[]): Refusal {
  const { group, kind } = resource
  const said = faults.map(({ field, message }) => `${field}: ${message}`)
  const list = said.length === 1 ? said[0] : `[${said.join(', ')}]`
  const title = group === '' ? kind : `${kind}.${group}`
  const causes = faults.map(({ field, cause: reason, message }) => ({ reason, message, field }))
  return new Refusal(422, 'Invalid', `${title} "${name}" is invalid: ${list}`, {
    details: { name, ...(group !== '' && { group }), kind, causes },
  })
}

export function badRequest(message: string): Refusal {
  return new Refusal(400, 'BadRequest', message)
}

/** @param because `5 (17)` */
export function expired(because: string): Refusal {
  return new Refusal(410, 'Expired', because)
}

export function internalError(because: string): Refusal {
  return new Refusal(500, 'InternalError', `Internal error occurred: ${because}`, {
    details: { causes: [{ message: because }] },
  })
}

/** What a real API server can do and this one cannot: refused, never ignored. */
export function notEmbedded(what: string): Refusal {
  return new Refusal(501, 'NotImplemented', `the embedded API server has no ${what}`)
}
