import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import project from '../../package.json' with { type: 'json' }
import { CHART } from './helm.ts'

test('chart, application and package have one version', async () => {
  const chart = parse(await readFile(join(CHART, 'Chart.yaml'), 'utf8'))
  assert.deepEqual([chart.version, chart.appVersion], [project.version, project.version])
})
