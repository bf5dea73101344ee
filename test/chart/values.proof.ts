import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { JsonObject } from '../../server/ports.ts'
import { changedFields } from './changed-fields.ts'
import { render } from './helm.ts'
import { changeOf, exceptions, leaves, schema } from './values.fixture.ts'

const GOLDEN = join(import.meta.dirname, 'values.golden.txt')

const rendered = new Map<string, Promise<readonly JsonObject[]>>()

/** Renders once for the same values. */
function outputOf(values: object): Promise<readonly JsonObject[]> {
  const key = JSON.stringify(values)
  const output = rendered.get(key) ?? render(values)
  rendered.set(key, output)
  return output
}

const effects = new Map<string, readonly string[]>()

describe('a value changes what the chart renders', { concurrency: 4 }, () => {
  for (const [path, value] of leaves(schema)) {
    if (path in exceptions) continue
    test(path, async () => {
      const { before, after } = changeOf(path, value)
      const changed = changedFields(await outputOf(before), await outputOf(after))
      assert.ok(changed.length > 0, `${JSON.stringify(after)} has no effect`)
      effects.set(path, changed)
    })
  }
})

test('the golden file lists the fields that each value changes', (t) => {
  const values = leaves(schema).flatMap(([path]) => {
    const fields = effects.get(path)
    return fields === undefined ? [] : [[path, ...fields.map((field) => `  ${field}`)].join('\n')]
  })
  t.assert.fileSnapshot(values.join('\n'), GOLDEN, { serializers: [String] })
})
