import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { badRequest, notEmbedded } from './refusal.ts'
import type { Resource } from './resources.ts'

export type Matches = (object: JsonObject) => boolean

/** The selection that a list, a watch or a deletion of many asks for. */
export function selection(resource: Resource, query: URLSearchParams): Matches {
  const fields = parts(query.get('fieldSelector')).map((term) => fieldTerm(resource, term))
  const labels = parts(query.get('labelSelector')).map(labelTerm)
  const terms = [...fields, ...labels]
  return (object) => terms.every((matches) => matches(object))
}

function parts(selector: string | null): readonly string[] {
  return (selector ?? '').split(/,(?![^(]*\))/u).filter(Boolean)
}

function fieldTerm({ selectable = [], kind }: Resource, term: string): Matches {
  const [, field = '', operator = '', value = ''] = /^([^!=]+)(==|=|!=)(.*)$/u.exec(term) ?? []
  if (!['metadata.name', 'metadata.namespace', ...selectable].includes(field))
    throw badRequest(
      `Unable to find "${kind}" that match label selector "", field selector "${term}": field label not supported: ${field}`,
    )
  const path = field.split('.')
  const key = path.pop() ?? ''
  return (object) => (textAt(objectAt(object, ...path), key) === value) === (operator !== '!=')
}

function labelTerm(term: string): Matches {
  const labels = (object: JsonObject) => objectAt(object, 'metadata', 'labels')
  const [, key = '', operator = '', value = ''] = /^([^!=\s]+)(==|=|!=)(.*)$/u.exec(term) ?? []
  if (operator !== '') return (object) => (labels(object)[key] === value) === (operator !== '!=')
  const [, not = '', present = ''] = /^(!?)([\w./-]+)$/u.exec(term) ?? []
  if (present === '') throw notEmbedded(`label selectors such as ${term}`)
  return (object) => Object.hasOwn(labels(object), present) === (not === '')
}
