import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricTable, runtimeMetrics } from '../../server/report/metrics.ts'
import { dashboardJson, panels } from './panels.ts'

const ours = Object.values(metricTable)
/** Metrics of Prometheus, of API servers (scripts.proof.ts proves that they have them) and of kubelets. */
const foreign =
  /^(up|apiserver_admission_\w+|kubelet_certificate_manager_server_\w+|kubelet_server_expiration_renew_errors)$/

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

test('every query selects by the variables, and each variable exists before it is used', () => {
  const { templating }: { templating: { list: readonly { name: string; definition?: string }[] } } =
    JSON.parse(dashboardJson)
  const names = templating.list.map(({ name }) => name)
  assert.deepEqual(names, ['datasource', 'cluster', 'namespace', 'job'])
  for (const [index, { definition = '' }] of templating.list.entries())
    for (const [, used = ''] of definition.matchAll(/\$(\w+)/gu))
      assert.ok(names.slice(0, index).includes(used))
  for (const { title, targets } of panels)
    for (const { expr } of targets)
      for (const [selector] of expr.matchAll(/\{[^}]*\}/gu)) {
        assert.ok(selector.includes('cluster=~"$cluster"'), `${title}: ${selector}`)
        const isOurs = !/name="webhook|job="kubelet"/u.test(selector)
        assert.equal(
          selector.startsWith('{job=~"$job",namespace=~"$namespace"'),
          isOurs,
          `${title}: ${selector}`,
        )
      }
})

test('panels have an id of their own, fit the grid and do not overlap', () => {
  const { panels: all }: { panels: typeof panels } = JSON.parse(dashboardJson)
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length)
  const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
  )
  assert.equal(new Set(cells).size, cells.length)
  assert.ok(all.every(({ gridPos: { x, w } }) => Number.isInteger(x) && Number.isInteger(w) && x + w <= 24))
})
