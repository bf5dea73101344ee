import { Ajv2020 } from 'ajv/dist/2020.js'
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse, parseDocument, visit } from 'yaml'
import { allProfiles, CHART } from './helm.ts'
import { changeOf, contexts, exceptions, leaves, samples, schema, together } from './values.fixture.ts'

const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema)

/** What the schema of the chart has against values: an empty list if nothing. */
function faultsOf(values: unknown): readonly string[] {
  if (validate(values)) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

test('the schema takes the defaults and each profile', async () => {
  assert.deepEqual(faultsOf(parse(await readFile(join(CHART, 'values.yaml'), 'utf8'))), [])
  for (const { name, values } of await allProfiles()) assert.deepEqual(faultsOf(values), [], name)
})

test('the schema takes every value that values.proof.ts renders', () => {
  for (const [path, value] of leaves(schema))
    assert.deepEqual(faultsOf(changeOf(path, value).after), [], path)
})

test('the schema refuses a value of another type, one out of its bounds, and one that there is not', () => {
  const refused = { webhook: { replicas: '2' }, controller: { replicas: 0 }, replicaCount: 3 }
  assert.deepEqual(faultsOf(refused).toSorted(), [
    ' must NOT have additional properties',
    '/controller/replicas must be >= 1',
    '/webhook/replicas must be integer',
  ])
})

test('each exception, context and sample is about a value that exists', () => {
  const paths = leaves(schema).map(([path]) => path)
  const named = [exceptions, contexts, samples, together].flatMap(Object.keys)
  assert.deepEqual(
    named.filter(
      (name) => !paths.some((path) => path === name || (name.endsWith('.') && path.startsWith(name))),
    ),
    [],
  )
})

test('values.yaml repeats each default: it has no anchors and aliases', async () => {
  const text = await readFile(join(CHART, 'values.yaml'), 'utf8')
  const found: string[] = []
  visit(parseDocument(text), {
    Alias: (_, { source }) => void found.push(source),
    Value: (_, { anchor }) => void (anchor !== undefined && found.push(anchor)),
  })
  assert.deepEqual(found, [])
})

test('every value has a sentence', () => {
  for (const [path, { description }] of leaves(schema)) assert.match(description, /^[A-Z`].*\.$/s, path)
})
