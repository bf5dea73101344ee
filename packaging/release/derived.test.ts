import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { chartFile } from './derived.ts'

const CHART = join(import.meta.dirname, '..', '..', 'charts/kubelet-csr-gate/Chart.yaml')

test('the chart takes its version from the package, and keeps the rest', async () => {
  const text = chartFile(await readFile(CHART, 'utf8'), '2.0.0-rc.1')
  const chart = parse(text)
  assert.deepEqual([chart.version, chart.appVersion], ['2.0.0-rc.1', '2.0.0-rc.1'])
  assert.equal(chart.annotations['artifacthub.io/prerelease'], 'true')
  assert.equal(chart.annotations['artifacthub.io/category'], 'security')
  assert.ok(text.includes('# matchConditions of a webhook are stable from 1.30 on'), 'a comment is gone')
})
