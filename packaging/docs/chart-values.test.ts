import assert from 'node:assert/strict'
import { test } from 'node:test'
import schema from '../../charts/kubelet-csr-gate/values.schema.json' with { type: 'json' }
import { chartValues } from '../../server/policy/chart-values.ts'

test('the command line knows a file of values by exactly the values of the chart', () => {
  assert.deepEqual([...chartValues, 'policy'].sort(), Object.keys(schema.properties).sort())
})
