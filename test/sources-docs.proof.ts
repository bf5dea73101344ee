import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { isObject } from '../server/json.ts'
import { render } from './chart/helm.ts'
import { examples } from './sources-docs.fixture.ts'

test('the chart renders the values of each example', async () => {
  for (const each of examples('values.yaml')) {
    const content: unknown = parse(each)
    assert.ok(isObject(content))
    assert.ok((await render(content)).length > 0)
  }
})
