import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import schema from '../../charts/kubelet-csr-gate/values.schema.json' with { type: 'json' }
import { chartValues } from '../../server/policy/chart-values.ts'

test('the command line knows a file of values by exactly the values of the chart', () => {
  assert.deepEqual([...chartValues, 'policy'].sort(), Object.keys(schema.properties).sort())
})

test('above each value of the chart is a comment of one line', async () => {
  const path = new URL('../../charts/kubelet-csr-gate/values.yaml', import.meta.url)
  const lines = (await readFile(path, 'utf8')).split('\n').slice(2)
  const isComment = (line = ''): boolean => /^ *# /u.test(line)
  const isValue = (line = ''): boolean => /^ *[a-zA-Z]+:/u.test(line)
  assert.ok(lines.filter(isComment).length > 150)
  for (const [index, line] of lines.entries()) {
    if (!isComment(line)) continue
    assert.ok(line.length <= 120, line)
    assert.ok(isValue(lines[index + 1]), line)
  }
})
