/** Faults of metadata. Kubernetes: staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go. */
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { type FieldFault, invalid, required, tooLong } from './refusal.ts'
import { CSR, type Resource } from './resources.ts'

const ANNOTATION_BYTES = 262_144
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/u
const SUBDOMAIN_MAX = 253
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/u

export function metadataFaults(object: JsonObject, resource: Resource): readonly FieldFault[] {
  const metadata = objectAt(object, 'metadata')
  return [
    ...nameFaults(textAt(metadata, 'name'), resource),
    ...labelFaults(objectAt(metadata, 'labels')),
    ...annotationFaults(objectAt(metadata, 'annotations')),
    ...finalizerFaults(metadata['finalizers']),
  ]
}

/** Names of CSRs are not validated, but that each is one segment of a path. */
function nameFaults(name: string, resource: Resource): readonly FieldFault[] {
  if (name === '') return [required('metadata.name', 'name or generateName is required')]
  const isSegment = name !== '.' && name !== '..' && !/[/%]/u.test(name)
  const isValid =
    resource === CSR ? isSegment : isSegment && name.length <= SUBDOMAIN_MAX && SUBDOMAIN.test(name)
  return isValid
    ? []
    : [
        invalid(
          'metadata.name',
          name,
          'a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters',
        ),
      ]
}

function labelFaults(labels: JsonObject): readonly FieldFault[] {
  return Object.values(labels).flatMap((value) =>
    typeof value === 'string' && LABEL_VALUE.test(value)
      ? []
      : [
          invalid(
            'metadata.labels',
            value,
            'a valid label must be an empty string or consist of alphanumeric characters',
          ),
        ],
  )
}

function annotationFaults(annotations: JsonObject): readonly FieldFault[] {
  const bytes = Object.keys(annotations).reduce(
    (total, key) => total + Buffer.byteLength(key) + Buffer.byteLength(textAt(annotations, key)),
    0,
  )
  return bytes > ANNOTATION_BYTES
    ? [tooLong('metadata.annotations', `may not be more than ${ANNOTATION_BYTES} bytes`)]
    : []
}

function finalizerFaults(finalizers: unknown): readonly FieldFault[] {
  const all: readonly unknown[] = Array.isArray(finalizers) ? finalizers : []
  return all.flatMap((name) =>
    String(name).includes('/')
      ? []
      : [
          invalid(
            'metadata.finalizers',
            name,
            'name is neither a standard finalizer name nor is it fully qualified',
          ),
        ],
  )
}

/** What an update may not change. */
export function metadataUpdateFaults(sent: JsonObject, before: JsonObject): readonly FieldFault[] {
  return ['uid', 'creationTimestamp'].flatMap((field) => {
    const value = sent[field]
    return value === undefined || value === before[field]
      ? []
      : [invalid(`metadata.${field}`, value, 'field is immutable')]
  })
}
