/** Questions about what is read, as those of answers.ts. */
import { isObject, objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { Question } from './question.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
const SELECTORS = ['role', '!role', 'role!=edge', 'role in (edge,far)', 'role notin (edge,far)']

const nameOf = (object: JsonObject) => textAt(objectAt(object, 'metadata'), 'name')
/** Of a list, those that a question made. */
const ownOf = ({ items }: JsonObject) =>
  (Array.isArray(items) ? items.filter(isObject) : []).filter((item) => nameOf(item).startsWith('q-'))

export const readingQuestions: readonly Question[] = [
  {
    title: 'a list by labels',
    async ask(cluster) {
      for (const [name, labels] of [
        ['q-edge', { role: 'edge' }],
        ['q-core', { role: 'core' }],
        ['q-none', {}],
      ] as const)
        await cluster.adminRequest('POST', MAPS, { metadata: { name, labels } })
      const all: string[] = []
      for (const selector of SELECTORS) {
        const path = `${MAPS}?labelSelector=${encodeURIComponent(selector)}`
        const { body } = await cluster.adminRequest('GET', path)
        all.push(`${selector}: ${ownOf(body).map(nameOf).join(' ')}`)
      }
      return all
    },
    answers: [
      'role: q-core q-edge',
      '!role: q-none',
      'role!=edge: q-core q-none',
      'role in (edge,far): q-edge',
      'role notin (edge,far): q-core q-none',
    ],
  },
  {
    title: 'metadata alone',
    async ask(cluster) {
      await cluster.adminRequest('POST', MAPS, { metadata: { name: 'q-partly' }, data: { key: 'text' } })
      const type = (as: string) => `application/json;as=${as};g=meta.k8s.io;v=v1`
      const object = type('PartialObjectMetadata')
      const list = type('PartialObjectMetadataList')
      const ask = async (path: string, accept: string) => {
        const answer: unknown = JSON.parse(await cluster.admin.text(path, accept))
        return isObject(answer) ? answer : {}
      }
      const listed = await ask(MAPS, list)
      const answers = [
        await ask(`${MAPS}/q-partly`, object),
        listed,
        ...ownOf(listed).slice(0, 1),
        await ask(MAPS, object),
        await ask(`${MAPS}/q-partly`, `${list},application/json`),
      ]
      return answers.map(shapeOf)
    },
    answers: [
      'PartialObjectMetadata: apiVersion kind metadata',
      'PartialObjectMetadataList: apiVersion items kind metadata',
      'PartialObjectMetadata: apiVersion kind metadata',
      'NotAcceptable you requested PartialObjectMetadata, but the requested object is a list',
      'NotAcceptable you requested PartialObjectMetadataList, but the requested object is not a list',
    ],
  },
]

/** The message of such a refusal ends with the type of Go. */
function shapeOf(answer: JsonObject): string {
  const [kind, reason, message] = ['kind', 'reason', 'message'].map((field) => textAt(answer, field))
  return kind === 'Status'
    ? `${reason} ${message?.replace(/ \(.*\)$/u, '')}`
    : `${kind}: ${Object.keys(answer).toSorted().join(' ')}`
}
