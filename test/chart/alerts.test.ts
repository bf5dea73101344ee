import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { stringify } from 'yaml'
import { type Scenario, scenarios } from './alerts.fixture.ts'
import { render } from './helm.ts'
import { prometheusMissing, promtool } from './prometheus.ts'

interface Alert {
  readonly alert: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}
interface Group {
  readonly name: string
  readonly rules: readonly Alert[]
}

const skip = prometheusMissing
const groups = await groupsOf({})
const alerts = groups.flatMap(({ rules }) => rules)
let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubelet-csr-gate-alerts-'))
  await writeFile(join(folder, 'rules.yaml'), stringify({ groups }))
})
after(() => rm(folder, { recursive: true }))

/** The groups of the PrometheusRule that the chart renders. */
async function groupsOf(values: object): Promise<readonly Group[]> {
  const [rule] = await render(
    { metrics: { prometheusRule: { enabled: true } }, ...values },
    '--show-only',
    'templates/prometheus-rule.yaml',
  )
  return Reflect.get(Object(rule?.['spec']), 'groups')
}

/** The alert as Prometheus sends it, with value and labels filled in. */
function sent({ labels, annotations }: Alert, scenario: Scenario): object {
  const filled = (text: string): string =>
    text
      .replaceAll(/\{\{ \$value[^}]*\}\}/g, scenario.value ?? '')
      .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => scenario.labels?.[label] ?? '')
  const filledIn = Object.entries(annotations).map(([name, text]) => [name, filled(text)])
  return { exp_labels: { ...labels, ...scenario.labels }, exp_annotations: Object.fromEntries(filledIn) }
}

async function runScenario(alert: Alert, scenario: Scenario): Promise<void> {
  const file = join(folder, `${alert.alert}.yaml`)
  const at = (eval_time: string, exp_alerts: readonly object[]): object => ({
    eval_time,
    alertname: alert.alert,
    exp_alerts,
  })
  const input_series = Object.entries(scenario.series).map(([series, values]) => ({ series, values }))
  const alert_rule_test = [
    at('0m', []),
    at(scenario.firesAt, [sent(alert, scenario)]),
    at(scenario.clearsAt, []),
  ]
  await writeFile(
    file,
    stringify({
      rule_files: ['rules.yaml'],
      evaluation_interval: '1m',
      tests: [{ interval: '1m', input_series, alert_rule_test }],
    }),
  )
  await promtool(['test', 'rules', file])
}

test('promtool accepts the alerts', { skip }, async () => {
  assert.match(
    await promtool(['check', 'rules', join(folder, 'rules.yaml')]),
    new RegExp(`SUCCESS: ${alerts.length} rules found`),
  )
})

test('each alert has a scenario, and each scenario an alert', () => {
  assert.deepEqual(alerts.map(({ alert }) => alert).toSorted(), Object.keys(scenarios).toSorted())
})

for (const alert of alerts)
  test(`${alert.alert} fires and clears`, { skip }, async () => {
    const scenario = scenarios[alert.alert]
    assert.ok(scenario !== undefined)
    await runScenario(alert, scenario)
  })

test('an alert that does not fire fails its test', { skip }, async () => {
  const [alert] = alerts
  const scenario = scenarios[alert?.alert ?? '']
  assert.ok(alert !== undefined && scenario !== undefined)
  const constant = Object.fromEntries(Object.keys(scenario.series).map((series) => [series, '0+0x40']))
  await assert.rejects(runScenario(alert, { ...scenario, series: constant }), /FAILED/)
})

test('each alert has a summary, a description and a chapter of the runbooks with its four parts', async () => {
  const path = join(import.meta.dirname, '..', '..', 'docs', 'runbooks.md')
  const chapters = (await readFile(path, 'utf8')).split(/^## /m).slice(1)
  const named = new Map(chapters.map((chapter) => [chapter.split('\n')[0] ?? '', chapter]))
  assert.deepEqual([...named.keys()].toSorted(), Object.keys(scenarios).toSorted())
  for (const { alert, annotations } of alerts) {
    assert.ok(annotations['summary'] && annotations['description'], alert)
    assert.equal(annotations['runbook_url'], `docs/runbooks.md#${alert.toLowerCase()}`)
    for (const part of ['Meaning', 'Impact', 'Diagnosis', 'Mitigation'])
      assert.ok(named.get(alert)?.includes(`**${part}.**`), `${alert}: ${part}`)
  }
})

test('a component that is off has no alerts', async () => {
  const namesOf = async (values: object) => (await groupsOf(values)).map(({ name }) => name)
  const [webhook, controller, pods] = ['webhook', 'controller', 'pods'].map(
    (part) => `kubelet-csr-gate-${part}`,
  )
  assert.deepEqual(await namesOf({}), [webhook, controller, pods])
  assert.deepEqual(await namesOf({ controller: { enabled: false } }), [webhook, pods])
  assert.deepEqual(await namesOf({ webhook: { enabled: false } }), [controller, pods])
})

test('alerts select the job that the monitors set', async () => {
  const exprs = (await groupsOf({ nameOverride: 'approver' })).flatMap(({ rules }) => rules)
  assert.ok(exprs.some(({ expr }) => expr.includes('job="approver"')))
  assert.ok(!exprs.some(({ expr }) => expr.includes('job="kubelet-csr-gate"')))
})
