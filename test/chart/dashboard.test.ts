import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { apiServerMetrics } from '../../packaging/dashboard/components.ts'
import { rows } from '../../packaging/dashboard/panels.ts'
import { objectAt, textAt } from '../../server/json.ts'
import { metricTable, runtimeMetrics } from '../../server/report/metric-table.ts'
import { render } from './helm.ts'

const panels = Object.values(rows).flat()
/** What Prometheus itself adds to every target. */
const PROMETHEUS = 'up'
const histograms = new Set([
  ...Object.values(metricTable).flatMap(({ name, kind }) => (kind === 'histogram' ? [name] : [])),
  apiServerMetrics.duration,
  'nodejs_gc_duration_seconds',
])
const known = new Set([
  ...Object.values(metricTable).map(({ name }) => name),
  ...runtimeMetrics,
  ...Object.values(apiServerMetrics),
  PROMETHEUS,
])

/** The metrics that an expression asks for: every name before a selector. */
function metricsOf(expr: string): readonly string[] {
  return [...expr.matchAll(/([a-z_][a-z0-9_]*)\{/gi)].map(([, name = '']) => name)
}

test('every query of the dashboard asks for metrics that there are', () => {
  for (const { title, queries } of panels)
    for (const { expr } of queries) {
      const asked = metricsOf(expr)
      assert.ok(asked.length > 0, `${title}: ${expr}`)
      for (const name of asked) {
        const base = name.replace(/_(bucket|sum|count)$/, '')
        assert.ok(known.has(name) || (known.has(base) && histograms.has(base)), `${title}: ${name}`)
      }
    }
})

test('every metric of ours is on the dashboard', () => {
  const shown = new Set(panels.flatMap(({ queries }) => queries.flatMap(({ expr }) => metricsOf(expr))))
  const missing = Object.values(metricTable)
    .map(({ name }) => name)
    .filter((name) => !shown.has(name) && !shown.has(`${name}_bucket`))
  assert.deepEqual(missing, [])
})

test('the sidecar of Grafana finds the dashboard, and it asks for the job that the monitors set', async () => {
  const dashboardOf = async (values: object) => {
    const args = ['--show-only', 'templates/dashboard.yaml'] as const
    const [config] = await render({ metrics: { dashboard: { enabled: true } }, ...values }, ...args)
    const [json = ''] = Object.values(objectAt(config, 'data')).map(String)
    return { labels: objectAt(config, 'metadata', 'labels'), panels: JSON.parse(json).panels, json }
  }
  const usual = await dashboardOf({})
  assert.equal(textAt(usual.labels, 'grafana_dashboard'), '1')
  assert.equal(usual.panels.length, panels.length + Object.keys(rows).length)
  const renamed = await dashboardOf({ nameOverride: 'approver' })
  assert.ok(
    renamed.json.includes('job=\\"approver\\"') && !renamed.json.includes('job=\\"kubelet-csr-gate\\"'),
  )
})

test('a limit that a panel shows is the one that the alert fires at', async () => {
  const path = join(import.meta.dirname, '../../charts/kubelet-csr-gate/monitoring/alerts.yaml')
  const { groups }: { groups: { rules: { alert: string; expr: string }[] }[] } = parse(
    await readFile(path, 'utf8'),
  )
  const firesAt = (alert: string): number => {
    const { expr = '' } = groups.flatMap(({ rules }) => rules).find((rule) => rule.alert === alert) ?? {}
    const [, limit = ''] = /[<>] ([\d.* ]+)$/.exec(expr) ?? []
    return limit
      .split('*')
      .map(Number)
      .reduce((product, factor) => product * factor)
  }
  const limitsOf = (wanted: string) => panels.find(({ title }) => title === wanted)?.limits
  const DAY = 86_400
  const pairs = [
    [limitsOf('Oldest waiting CSR')?.warning, firesAt('KubeletCsrGateOldestPending')],
    [limitsOf('Oldest waiting CSR')?.critical, firesAt('KubeletCsrGateOldestPendingTooLong')],
    [limitsOf('Certificate of the webhook')?.warning, firesAt('KubeletCsrGateCertificateExpiresSoon') / DAY],
    [limitsOf('Certificate of the webhook')?.critical, firesAt('KubeletCsrGateCertificateExpires') / DAY],
    [limitsOf('Latency, as API servers see it')?.warning, firesAt('KubeletCsrGateLatencyHigh')],
    [limitsOf('Silence of watches')?.critical, firesAt('KubeletCsrGateWatchStale')],
    [limitsOf('Event-loop lag')?.warning, firesAt('KubeletCsrGateEventLoopLag')],
  ] as const
  for (const [shown, fired] of pairs) assert.equal(shown, fired)
  assert.equal(panels.filter(({ limits }) => limits !== undefined).length, 5)
})
