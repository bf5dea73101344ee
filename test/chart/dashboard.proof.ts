import assert from 'node:assert/strict'
import { test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import { metricTable } from '../../server/report/metrics.ts'
import { alertsIn, checkRules, groupsOf } from './alert-rules.ts'
import { render } from './helm.ts'
import { asked, panels, panelsIn } from './panels.ts'
import { prometheusMissing } from './prometheus.ts'

const ours = Object.values(metricTable)
const alerts = alertsIn(await groupsOf({}, { ruler: 'central' }))

test('every label that an alert or a query selects or groups by is a label of the metric', () => {
  const labelsOf = new Map<string, readonly string[]>(ours.map(({ name, labels }) => [name, labels]))
  /** Set by Prometheus, or by every histogram. */
  const always = ['cluster', 'namespace', 'job', 'pod', 'le']
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

test('the sidecar of Grafana finds the dashboard, with the job of the kubelets and the label of clusters', async () => {
  const dashboardOf = async (metrics: object) => {
    const dashboard = { enabled: true, ...Reflect.get(metrics, 'dashboard') }
    const args = ['--show-only', 'templates/dashboard.yaml'] as const
    const [config] = await render({ metrics: { ...metrics, dashboard } }, ...args)
    const [json = ''] = Object.values(objectAt(config, 'data')).map(String)
    return { labels: objectAt(config, 'metadata', 'labels'), json }
  }
  const usual = await dashboardOf({})
  assert.equal(textAt(usual.labels, 'grafana_dashboard'), '1')
  assert.deepEqual(panelsIn(usual.json), panels)
  const { json } = await dashboardOf({ kubeletJob: 'nodes', dashboard: { clusterLabel: 'k8s' } })
  assert.ok(json.includes('job=\\"nodes\\"') && !json.includes('job=\\"kubelet\\"'))
  const named = json.replaceAll('$cluster', '').replaceAll('"cluster"', '')
  assert.ok(
    json.includes('k8s=~\\"$cluster\\"') && json.includes('label_values(kubelet_csr_gate_build_info, k8s)'),
  )
  assert.doesNotMatch(named.replaceAll(/"(?:title|description)": ".*"/gu, ''), /\bcluster\b/u)
})

test('promtool can parse every query', { skip: prometheusMissing }, async () => {
  const exprs = panels.flatMap(({ targets }) => targets.map(({ expr }) => asked(expr, '1h')))
  const rules = exprs.map((expr, index) => ({ record: `query:${index}`, expr }))
  assert.match(
    await checkRules([{ name: 'queries', rules }]),
    new RegExp(`SUCCESS: ${exprs.length} rules found`),
  )
  await assert.rejects(
    checkRules([{ name: 'queries', rules: [{ record: 'a', expr: 'sum by (a' }] }]),
    /parse error/,
  )
})

test('a limit that a panel shows is the one that the alert fires at', () => {
  /** The limit, with what it is written with: `7 * 24 * 3600`, `10 / 100`. */
  const firesAt = (alert: string): number => {
    const { expr = '' } = alerts.find((rule) => rule.alert === `KubeletCsrGate${alert}`) ?? {}
    const [, limit = ''] = /[<>] ([\d.* /]+)\)?(?:$| and)/.exec(expr) ?? []
    const [product = '', divisor = '1'] = limit.split(' / ')
    return product.split(' * ').reduce((sofar, factor) => sofar * Number(factor), 1) / Number(divisor)
  }
  const limits = panels.flatMap(({ title, fieldConfig: { defaults } }) =>
    defaults.thresholds === undefined
      ? []
      : [[title, defaults.thresholds.steps.flatMap(({ value }) => value ?? [])] as const],
  )
  const DAY = 86_400
  const serving = [0.5, 1 - firesAt('NodesNotServing')]
  const pending = [firesAt('OldestPending'), firesAt('OldestPendingTooLong')]
  assert.deepEqual(Object.fromEntries(limits), {
    'Releases without one leader': [1],
    'Oldest CSR to approve': pending,
    'Nodes serving': serving,
    'Nodes serving, by cluster': serving,
    'Soonest expiry of a kubelet': [
      firesAt('KubeletCertificateExpires') / DAY,
      firesAt('KubeletCertificateExpiresSoon') / DAY,
    ],
    'Pods not scraped': [1],
    'Oldest pending CSR that may be approved': pending,
    'Oldest CSR without certificate': [firesAt('NotIssued')],
    'Webhook certificate': [firesAt('CertificateExpires') / DAY, firesAt('CertificateExpiresSoon') / DAY],
    'Latency, as API servers measure it': [firesAt('LatencyHigh')],
    // facts are unknown after 75 s, long before the alert
    'Silence of watches': [75, firesAt('WatchStale')],
    'Event-loop lag': [firesAt('EventLoopLag')],
  })
})
