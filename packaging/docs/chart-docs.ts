import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TObject, TSchema } from 'typebox'
import { type Document, isMap, isScalar, Scalar, stringify, parseDocument } from 'yaml'
import { chartValues } from './chart-values.ts'

/** One file that is made from the values' source, or that holds a table made from it. */
export interface Generated {
  /** Below the project's root. */
  readonly path: string
  readonly content: string
}

const CHART = 'charts/kubelet-csr-gate'
const TABLE = { start: '<!-- values: made by npm run docs -->', end: '<!-- end of values -->' }
const HEAD = 'Made by `npm run docs` from charts/values/ and server/policy/schema.ts: change it there.'
const WIDTH = 110

interface Value {
  readonly path: readonly string[]
  readonly schema: TSchema
}

/** What `npm run docs` writes for the chart, and what the chart's test compares. */
export async function chartDocs(root: string): Promise<readonly Generated[]> {
  const readme = `${CHART}/README.md`
  return [
    { path: `${CHART}/values.yaml`, content: valuesYaml(chartValues) },
    { path: `${CHART}/values.schema.json`, content: valuesSchema(chartValues) },
    { path: readme, content: withTable(await readFile(join(root, readme), 'utf8'), chartValues) },
  ]
}

/** Every value that can be set on its own, in order. */
export function leaves(schema: TSchema, path: readonly string[] = []): readonly Value[] {
  if (!isGroup(schema)) return [{ path, schema }]
  return Object.entries(schema.properties).flatMap(([name, inner]) => leaves(inner, [...path, name]))
}

/** The default of a value, or of a group the defaults of its values. */
function defaults(schema: TSchema): unknown {
  if (!isGroup(schema)) return Reflect.get(schema, 'default')
  return Object.fromEntries(Object.entries(schema.properties).map(([name, inner]) => [name, defaults(inner)]))
}

function isGroup(schema: TSchema): schema is TObject {
  return 'properties' in schema && !('default' in schema)
}

function sentence(schema: TSchema): string {
  return 'description' in schema ? String(schema.description) : ''
}

function valuesYaml(schema: TObject): string {
  const document = parseDocument(stringify(defaults(schema), { lineWidth: 0, aliasDuplicateObjects: false }))
  comment(document.contents, schema, 0)
  document.commentBefore = ` ${HEAD}`
  return print(document)
}

/** Puts the sentence of every value above it. */
function comment(node: unknown, schema: TSchema, depth: number): void {
  if (!isMap(node) || !isGroup(schema)) return
  for (const [position, { key, value }] of node.items.entries()) {
    const inner = isScalar(key) ? schema.properties[String(key.value)] : undefined
    if (inner === undefined || !(key instanceof Scalar)) continue
    key.commentBefore = wrap(sentence(inner), WIDTH - 2 * depth)
    key.spaceBefore = depth === 0 && position > 0
    comment(value, inner, depth + 1)
  }
}

function print(document: Document): string {
  return document.toString({ lineWidth: 0 })
}

function wrap(line: string, width: number): string {
  const lines = ['']
  for (const word of line.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last.length + word.length + 3 > width) lines.push(` ${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.join('\n')
}

function valuesSchema(schema: TObject): string {
  const global = { type: 'object', description: 'Set by Helm when this chart is part of another.' }
  const closed = { ...schema, properties: { ...schema.properties, global } }
  return `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...optional(closed) }, null, 2)}\n`
}

/** A values file need not repeat the defaults, so nothing is required. */
function optional(schema: object): object {
  const entries = Object.entries(schema).filter(([name]) => name !== 'required')
  return Object.fromEntries(
    entries.map(([name, value]) =>
      name === 'properties' ? [name, mapValues(value, optional)] : [name, value],
    ),
  )
}

function mapValues(properties: Record<string, object>, change: (inner: object) => object): object {
  return Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, change(inner)]))
}

function withTable(readme: string, schema: TObject): string {
  const [before, rest] = readme.split(TABLE.start)
  const after = rest?.split(TABLE.end)[1]
  if (before === undefined || after === undefined)
    throw new Error(`${CHART}/README.md: no ${TABLE.start} … ${TABLE.end}`)
  const rows = leaves(schema).map(({ path, schema: value }) => row(path, value))
  const table = ['| value | default | |', '|---|---|---|', ...rows].join('\n')
  return `${before}${TABLE.start}\n${table}\n${TABLE.end}${after}`
}

function row(path: readonly string[], schema: TSchema): string {
  const shown = JSON.stringify(Reflect.get(schema, 'default'))
  const value = shown.length > 60 ? 'see values.yaml' : `\`${shown}\``
  return `| \`${path.join('.')}\` | ${value} | ${sentence(schema).replaceAll('|', '\\|')} |`
}
