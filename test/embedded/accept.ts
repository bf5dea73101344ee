/**
 * Answers that bear only metadata, for clients that ask for no more.
 * Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/response.go
 */
import type { IncomingMessage } from 'node:http'
import { isObject, objectAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { Refusal } from './refusal.ts'

const PARTLY = /^application\/json;as=(PartialObjectMetadata(?:List)?);g=meta\.k8s\.io;v=v1$/u

/** An object, or a list of them, as the first type that the Accept header names. */
export function accepted({ headers }: IncomingMessage, answer: JsonObject): JsonObject {
  const [type = ''] = (headers.accept ?? '').split(',')
  const as = PARTLY.exec(type.trim())?.[1]
  const { items } = answer
  if (as === undefined) return answer
  if (as.endsWith('List') !== Array.isArray(items))
    throw new Refusal(
      406,
      'NotAcceptable',
      `you requested ${as}, but the requested object is ${Array.isArray(items) ? 'a' : 'not a'} list`,
    )
  const partial = { kind: as, apiVersion: 'meta.k8s.io/v1', metadata: objectAt(answer, 'metadata') }
  if (!Array.isArray(items)) return partial
  const kind = 'PartialObjectMetadata'
  return {
    ...partial,
    items: items
      .filter(isObject)
      .map((item: JsonObject) => ({ ...partial, kind, metadata: objectAt(item, 'metadata') })),
  }
}
