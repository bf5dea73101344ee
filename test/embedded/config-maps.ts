import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { type FieldFault, tooLong } from './refusal.ts'
import type { Strategy } from './strategy.ts'

/** Kubernetes: pkg/apis/core, MaxSecretSize. */
const MAX_BYTES = 1_048_576

/** Of keys and values together. */
function sizeFaults(field: string, ...maps: readonly JsonObject[]): readonly FieldFault[] {
  const texts = maps.flatMap((map) => Object.values(map).map(String))
  const bytes = texts.reduce((total, text) => total + Buffer.byteLength(text), 0)
  return bytes > MAX_BYTES ? [tooLong(field, `may not be more than ${MAX_BYTES} bytes`)] : []
}

const configMapFaults = (object: JsonObject) =>
  sizeFaults('[]', objectAt(object, 'data'), objectAt(object, 'binaryData'))

export const configMapStrategy: Strategy = {
  validate: configMapFaults,
  validateUpdate: configMapFaults,
}

const secretFaults = (object: JsonObject) => sizeFaults('data', objectAt(object, 'data'))

/** `stringData` is write-only; a Secret without a type is Opaque. */
function stored({ stringData, ...object }: JsonObject): JsonObject {
  const texts = Object.entries(objectAt({ stringData }, 'stringData'))
  const encoded = texts.map(([key, text]) => [key, Buffer.from(textAt({ text }, 'text')).toString('base64')])
  return {
    type: 'Opaque',
    ...object,
    ...(texts.length > 0 && { data: { ...objectAt(object, 'data'), ...Object.fromEntries(encoded) } }),
  }
}

export const secretStrategy: Strategy = {
  prepareForCreate: stored,
  validate: secretFaults,
  prepareForUpdate: stored,
  validateUpdate: secretFaults,
}
