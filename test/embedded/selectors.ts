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
  const matches = equality(term) ?? membership(term) ?? presence(term)
  if (matches === undefined) throw notEmbedded(`label selectors such as ${term}`)
  return (object) => matches(objectAt(object, 'metadata', 'labels'))
}

function equality(term: string): Matches | undefined {
  const [, key = '', operator, value] = /^([^!=\s]+)(==|=|!=)(.*)$/u.exec(term) ?? []
  return operator === undefined ? undefined : (labels) => (labels[key] === value) === (operator !== '!=')
}

/** `key in (one,other)`, `key notin (one)`. An object without the label is in none. */
function membership(term: string): Matches | undefined {
  const [, key = '', operator, list = ''] = /^([^!\s]+)\s+(in|notin)\s+\(([^)]*)\)$/u.exec(term) ?? []
  const values = new Set(list.split(',').map((value) => value.trim()))
  const isIn: Matches = (labels) => Object.hasOwn(labels, key) && values.has(textAt(labels, key))
  return operator === undefined ? undefined : (labels) => isIn(labels) === (operator === 'in')
}

function presence(term: string): Matches | undefined {
  const [, not, key] = /^(!?)([\w./-]+)$/u.exec(term) ?? []
  return key === undefined ? undefined : (labels) => Object.hasOwn(labels, key) === (not === '')
}
