import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { objectAt, textAt } from '../../server/json.ts'
import { metricTable } from '../../server/report/metric-table.ts'
import { runtimeMetrics } from '../../server/report/runtime-metrics.ts'
import { CHART, render } from './helm.ts'
import { panels, panelsIn } from './panels.ts'

const ours = Object.values(metricTable)
/** Metrics of Prometheus and of API servers. scripts.test.ts proves that API servers have them. */
const foreign = /^(up|apiserver_admission_\w+)$/

const { groups }: { groups: { rules: { alert: string; expr: string }[] }[] } = parse(
  await readFile(join(CHART, 'monitoring', 'alerts.yaml'), 'utf8'),
)
const alerts = groups.flatMap(({ rules }) => rules)

/** The metrics in an expression: the names before selectors. */
function metricsOf(expr: string): readonly string[] {
  return [...expr.matchAll(/([a-z_][a-z0-9_]*)\{/gi)].map(([, name = '']) => name)
}

/** The series that Prometheus stores of a metric of ours. */
const known = new Set([
  ...runtimeMetrics,
  'nodejs_gc_duration_seconds_sum',
  ...ours.flatMap(({ name, kind }) => (kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`] : [name])),
])

test('every query of the dashboard asks for metrics that exist', () => {
  for (const { title, targets } of panels)
    for (const { expr } of targets) {
      assert.ok(metricsOf(expr).length > 0, `${title}: ${expr}`)
      for (const name of metricsOf(expr))
        assert.ok(known.has(name) || foreign.test(name), `${title}: ${name}`)
    }
})

test('every metric of ours is on the dashboard', () => {
  const shown = new Set(panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsOf(expr))))
  const names = ours.map(({ name }) => name)
  assert.deepEqual(
    names.filter((name) => !shown.has(name) && !shown.has(`${name}_bucket`)),
    [],
  )
})

test('every label that an alert or a query selects or groups by is a label of the metric', () => {
  const labelsOf = new Map<string, readonly string[]>(ours.map(({ name, labels }) => [name, labels]))
  /** Set by Prometheus, or by every histogram. */
  const always = ['job', 'pod', 'le']
  const exprs = [
    ...alerts.map(({ expr }) => expr),
    ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ]
  for (const expr of exprs)
    for (const [, name = '', selector = ''] of expr.matchAll(/(\w+)\{([^}]*)\}/g)) {
      const labels = labelsOf.get(name.replace(/_(bucket|sum)$/, ''))
      if (labels === undefined) continue
      const [, by = 'le'] = /by \(([^)]*)\)/.exec(expr) ?? []
      const selected = [...selector.matchAll(/(\w+)(?:=|!=|=~)"/g)].map(([, label = '']) => label)
      const unknown = [...by.split(', '), ...selected].filter(
        (each) => ![...labels, ...always].includes(each),
      )
      assert.deepEqual(unknown, [], `${name} in ${expr}`)
    }
})

test('the sidecar of Grafana finds the dashboard, and it asks for the job that the monitors set', async () => {
  const dashboardOf = async (values: object) => {
    const args = ['--show-only', 'templates/dashboard.yaml'] as const
    const [config] = await render({ metrics: { dashboard: { enabled: true } }, ...values }, ...args)
    const [json = ''] = Object.values(objectAt(config, 'data')).map(String)
    return { labels: objectAt(config, 'metadata', 'labels'), json }
  }
  const usual = await dashboardOf({})
  assert.equal(textAt(usual.labels, 'grafana_dashboard'), '1')
  assert.deepEqual(panelsIn(usual.json), panels)
  const { json } = await dashboardOf({ nameOverride: 'approver' })
  assert.ok(json.includes('job=\\"approver\\"') && !json.includes('job=\\"kubelet-csr-gate\\"'))
})

test('a limit that a panel shows is the one that the alert fires at', () => {
  const firesAt = (alert: string): number => {
    const { expr = '' } = alerts.find((rule) => rule.alert === alert) ?? {}
    const [, limit = ''] = /[<>] ([\d.* ]+)$/.exec(expr) ?? []
    return limit
      .split('*')
      .map(Number)
      .reduce((product, factor) => product * factor)
  }
  const limits = panels.flatMap(({ title, fieldConfig: { defaults } }) =>
    defaults.thresholds === undefined
      ? []
      : [[title, defaults.thresholds.steps.flatMap(({ value }) => value ?? [])] as const],
  )
  const DAY = 86_400
  assert.deepEqual(Object.fromEntries(limits), {
    'Oldest pending CSR': [
      firesAt('KubeletCsrGateOldestPending'),
      firesAt('KubeletCsrGateOldestPendingTooLong'),
    ],
    'Oldest CSR without certificate': [firesAt('KubeletCsrGateNotIssued')],
    'Webhook certificate': [
      firesAt('KubeletCsrGateCertificateExpires') / DAY,
      firesAt('KubeletCsrGateCertificateExpiresSoon') / DAY,
    ],
    'Latency, as API servers measure it': [firesAt('KubeletCsrGateLatencyHigh')],
    // facts are unknown after 75 s, long before the alert
    'Silence of watches': [75, firesAt('KubeletCsrGateWatchStale')],
    'Event-loop lag': [firesAt('KubeletCsrGateEventLoopLag')],
  })
})
