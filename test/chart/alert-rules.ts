/** The alerts that the chart renders, and tests of them by promtool. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { render } from './helm.ts'
import { promtool } from './prometheus.ts'

export interface Alert {
  readonly alert: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}
export interface Group {
  readonly name: string
  readonly rules: readonly Alert[]
}

/** The groups of the PrometheusRule that the chart renders; `rule` are values of metrics.prometheusRule. */
export async function groupsOf(values: object = {}, rule: object = {}): Promise<readonly Group[]> {
  const [rendered] = await render(
    { metrics: { prometheusRule: { enabled: true, ...rule } }, ...values },
    '--show-only',
    'templates/prometheus-rule.yaml',
  )
  return Reflect.get(Object(rendered?.['spec']), 'groups')
}

export const alertsIn = (groups: readonly Group[]): readonly Alert[] => groups.flatMap(({ rules }) => rules)

/** Values by series, in the notation of promtool, one a minute. */
export type Series = Readonly<Record<string, string>>

/** A test of promtool besides `interval` and `input_series`. */
interface RuleTest {
  readonly alert_rule_test?: readonly object[]
  readonly promql_expr_test?: readonly object[]
}

/** Rejects with the output of promtool when rules do not do with the series what the test says. */
export async function testRules(groups: readonly Group[], series: Series, rest: RuleTest): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kubelet-csr-gate-alerts-'))
  try {
    const input_series = Object.entries(series).map(([name, values]) => ({ series: name, values }))
    const tests = [{ interval: '1m', input_series, ...rest }]
    await writeFile(join(folder, 'rules.yaml'), stringify({ groups }))
    const file = join(folder, 'tests.yaml')
    await writeFile(file, stringify({ rule_files: ['rules.yaml'], evaluation_interval: '1m', tests }))
    await promtool(['test', 'rules', file])
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Rejects with the output of promtool when it does not accept the rules. */
export async function checkRules(groups: readonly object[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kubelet-csr-gate-alerts-'))
  try {
    const file = join(folder, 'rules.yaml')
    await writeFile(file, stringify({ groups }))
    return await promtool(['check', 'rules', file])
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The same series in a cluster, as a central store has them. */
export function inCluster(cluster: string, series: Series): Series {
  const entries = Object.entries(series).map(([name, values]) => [
    name.replace('{', `{cluster="${cluster}",`),
    values,
  ])
  return Object.fromEntries(entries)
}
