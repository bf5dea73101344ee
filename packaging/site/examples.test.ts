/** YAML of the docs: values by the chart's schema, policies by their reader, manifests and files by their form. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import schema from '../../charts/kubelet-csr-gate/values.schema.json' with { type: 'json' }
import { isObject } from '../../server/json.ts'
import { parsePolicy } from '../../server/policy/load.ts'
import { fencesOf } from './fences.ts'
import { readUserPages } from './pages.ts'

const root = join(import.meta.dirname, '..', '..')
const pages = await readUserPages(root)
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema)

type Kind = 'values' | 'manifest' | 'cases' | 'file'

/** What a block is: by its first line, if that is a comment that names a file, else by its keys. */
function kindOf(text: string, document: unknown): Kind | null {
  const [, name] = /^# (.+)\n/u.exec(text) ?? []
  if (name === 'values.yaml') return 'values'
  return kindByKeys(isObject(document) ? Object.keys(document) : []) ?? (name === undefined ? null : 'file')
}

function kindByKeys(keys: readonly string[]): Kind | null {
  if (keys.includes('apiVersion') || keys.includes('kind')) return 'manifest'
  if (keys.includes('cases')) return 'cases'
  return keys.length > 0 && keys.every((key) => key in schema.properties) ? 'values' : null
}

/** What is wrong with a block of YAML: an empty list if nothing is. */
async function faultsIn(text: string): Promise<readonly string[]> {
  const documents = parseAllDocuments(text)
  const faults: string[] = []
  for (const document of 'empty' in documents ? [] : documents) {
    if (document.errors.length > 0) return document.errors.map(({ message }) => message)
    const content: unknown = document.toJS()
    const kind = kindOf(text, content)
    if (kind === null)
      faults.push(
        'is it values, a manifest or a file? Begin with a comment: # values.yaml, or the name of the file',
      )
    if (kind === 'values') faults.push(...(await faultsOfValues(content)))
  }
  return faults
}

async function faultsOfValues(values: unknown): Promise<readonly string[]> {
  const faults = validate(values)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
      )
  const policy = isObject(values) ? values['policy'] : undefined
  if (policy === undefined) return faults
  const parsed = await parsePolicy(JSON.stringify(policy), 'policy')
  return parsed.ok ? faults : [...faults, ...parsed.faults]
}

test('every YAML example of the docs is what it says', async () => {
  const blocks = pages.flatMap(({ path, text }) =>
    fencesOf(text)
      .filter(({ language }) => language === 'yaml')
      .map((fence) => ({ path, ...fence })),
  )
  assert.ok(blocks.length > 30, `${blocks.length}`)
  const faults: string[] = []
  for (const { path, line, text } of blocks)
    faults.push(...(await faultsIn(text)).map((fault) => `${path}:${line}: ${fault}`))
  assert.deepEqual(faults, [])
})

test('a value that is not there, a faulty policy and a block that is nothing known are found', async () => {
  assert.match((await faultsIn('webhook:\n  replica: 3\n')).join(), /additional properties.*replica/u)
  assert.match((await faultsIn('# values.yaml\npolcy: {}\n')).join(), /polcy/u)
  assert.match((await faultsIn("policy:\n  names: {patterns: ['(']}\n")).join(), /names\.patterns/u)
  assert.match((await faultsIn('polcy: {}\n')).join(), /is it values, a manifest or a file/u)
  assert.match((await faultsIn('a: [\n')).join(), /./u)
})
