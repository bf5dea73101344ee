import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { chartFile } from './derived.ts'

const root = join(import.meta.dirname, '..', '..')

test('the chart takes its version from the package and its changes from the newest section', async () => {
  const current = await readFile(join(root, 'charts/kubelet-csr-gate/Chart.yaml'), 'utf8')
  const changelog =
    '## 2.0.0-rc.1 (2026-11-24)\n### Fixed\n- A "quoted": thing.\n\n## 1.0.0 (2026-01-01)\n### Added\n- Old.\n'
  const text = chartFile(current, '2.0.0-rc.1', changelog)
  const chart = parse(text)
  assert.deepEqual([chart.version, chart.appVersion], ['2.0.0-rc.1', '2.0.0-rc.1'])
  assert.deepEqual(parse(chart.annotations['artifacthub.io/changes']), [
    { kind: 'fixed', description: 'A "quoted": thing.' },
  ])
  assert.equal(chart.annotations['artifacthub.io/prerelease'], 'true')
  assert.equal(chart.annotations['artifacthub.io/category'], 'security')
  assert.ok(text.includes('# matchConditions of a webhook are stable from 1.30 on'), 'a comment is gone')
})

test('Artifact Hub is told of security fixes', async () => {
  const current = await readFile(join(root, 'charts/kubelet-csr-gate/Chart.yaml'), 'utf8')
  const contains = (heading: string): unknown => {
    const text = chartFile(current, '2.0.0', `## 2.0.0 (2026-11-24)\n### ${heading}\n- A thing.\n`)
    return parse(text).annotations['artifacthub.io/containsSecurityUpdates']
  }
  assert.deepEqual([contains('Security'), contains('Fixed')], ['true', 'false'])
})
