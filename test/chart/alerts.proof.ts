import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  type Alert,
  alertsIn,
  checkRules,
  groupsOf,
  inCluster,
  type Series,
  testRules,
} from './alert-rules.ts'
import { RELEASE, type Scenario, scenarios } from './alerts.fixture.ts'
import { prometheusMissing } from './prometheus.ts'

const skip = prometheusMissing
/** In a Prometheus of one cluster, whose series have no label of it; and in a ruler of many. */
const local = await groupsOf()
const central = await groupsOf({}, { ruler: 'central' })
const alerts = alertsIn(local)

/** As Prometheus writes whole seconds from a minute on. */
function humanized(seconds: number): string {
  const [days, rest] = [Math.floor(seconds / 86_400), seconds % 86_400]
  const clock = `${Math.floor(rest / 60) % 60}m ${rest % 60}s`
  return days > 0 ? `${days}d ${Math.floor(rest / 3_600)}h ${clock}` : clock
}

/** The alert as Prometheus sends it, with value and labels filled in. */
function sent({ labels, annotations }: Alert, scenario: Scenario, of: object): object {
  const own = scenario.labels ?? RELEASE
  const filled = (text: string): string =>
    text
      .replaceAll(/\{\{ \$value[^}]*\}\}/g, scenario.value ?? '')
      .replaceAll(/\{\{ (\d+) \| humanizeDuration \}\}/g, (_, seconds: string) => humanized(Number(seconds)))
      .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => own[label] ?? '')
  const filledIn = Object.entries(annotations).map(([name, text]) => [name, filled(text)])
  return { exp_labels: { ...labels, ...own, ...of }, exp_annotations: Object.fromEntries(filledIn) }
}

/** Each series with its first value, for ever. */
function steady(series: Series): Series {
  const entries = Object.entries(series).map(([name, values]) => [name, `${values.split(/[-+ x]/u)[0]}+0x90`])
  return Object.fromEntries(entries)
}

interface Form {
  readonly groups: typeof local
  readonly series: (scenario: Scenario) => Series
  /** Labels that the form adds to the alert. */
  readonly of: object
}

const forms: Readonly<Record<string, Form>> = {
  'in its own cluster': { groups: local, series: ({ series }) => series, of: {} },
  'in a central ruler, for the cluster that it is about only': {
    groups: central,
    series: ({ series, healthy = steady(series) }) => ({
      ...inCluster('east', series),
      ...inCluster('west', healthy),
    }),
    of: { cluster: 'east' },
  },
}

async function runScenario(
  { alert }: Alert,
  scenario: Scenario,
  { groups, series, of }: Form,
): Promise<void> {
  const rule = alertsIn(groups).find((each) => each.alert === alert)
  assert.ok(rule !== undefined)
  const at = (eval_time: string, exp_alerts: readonly object[]): object => ({
    eval_time,
    alertname: alert,
    exp_alerts,
  })
  const alert_rule_test = [
    at('0m', []),
    at(scenario.firesAt, [sent(rule, scenario, of)]),
    at(scenario.clearsAt, []),
  ]
  await testRules(groups, series(scenario), { alert_rule_test })
}

test('promtool accepts the alerts', { skip }, async () => {
  for (const groups of [local, central])
    assert.match(await checkRules(groups), new RegExp(`SUCCESS: ${alerts.length} rules found`))
})

test('each alert has a scenario, and each scenario an alert', () => {
  for (const groups of [local, central])
    assert.deepEqual(
      alertsIn(groups)
        .map(({ alert }) => alert)
        .toSorted(),
      Object.keys(scenarios).toSorted(),
    )
})

for (const [where, form] of Object.entries(forms))
  describe(`${where} an alert fires and clears`, { concurrency: 2 }, () => {
    for (const alert of alerts)
      test(alert.alert, { skip }, async () => {
        const scenario = scenarios[alert.alert]
        assert.ok(scenario !== undefined)
        await runScenario(alert, scenario, form)
      })
  })

/** Alerts about counters that do not exist before their first event. */
const firstEvents = [
  'FailOpen',
  'CallingError',
  'GuardCallingError',
  'GuardFailOpen',
  'GuardRefusals',
  'ToldApprovals',
].map((name) => `KubeletCsrGate${name}`)

/** What increases appears with its first event; API servers are scraped from `since` on. */
const appearing = (series: Series, since: number): Series => ({
  ...Object.fromEntries(
    Object.entries(series).map(([name, values]) => [name, values.replace(/^0\+0x(\d+) /u, '_x5 _x1 ')]),
  ),
  'up{job="apiserver",instance="a"}': `_x${since} 1+0x60`,
})

describe('an event that is the first of its kind', { concurrency: 2 }, () => {
  const [form] = Object.values(forms)
  const fires = async (name: string): Promise<void> => {
    const [alert, scenario] = [alerts.find((each) => each.alert === name), scenarios[name]]
    assert.ok(form !== undefined && alert !== undefined && scenario !== undefined)
    const minute = Number.parseInt(scenario.firesAt, 10) + 10
    const series = Object.fromEntries(
      Object.entries(appearing(scenario.series, 0)).map(([each, values]) => [each, `_x10 ${values}`]),
    )
    await runScenario(alert, { ...scenario, series, firesAt: `${minute}m`, clearsAt: '55m' }, form)
  }
  for (const name of firstEvents) test(`fires ${name}`, { skip }, async () => await fires(name))
})

test('an API server that is new to Prometheus fires nothing for what it did before', { skip }, async () => {
  const series = inCluster('east', appearing(scenarios['KubeletCsrGateFailOpen']?.series ?? {}, 6))
  const expr = 'count(ALERTS)'
  await testRules(central, series, { promql_expr_test: [{ expr, eval_time: '10m', exp_samples: [] }] })
})

test('an alert that does not fire fails its test, and so does one of the wrong cluster', {
  skip,
}, async () => {
  const [alert] = alerts
  const scenario = scenarios[alert?.alert ?? '']
  const [ours, ruler] = Object.values(forms)
  assert.ok(alert !== undefined && scenario !== undefined && ours !== undefined && ruler !== undefined)
  await assert.rejects(runScenario(alert, { ...scenario, series: steady(scenario.series) }, ours), /FAILED/)
  await assert.rejects(runScenario(alert, scenario, { ...ruler, of: { cluster: 'west' } }), /FAILED/)
  const both = {
    ...ruler,
    series: ({ series }: Scenario) => ({ ...ruler.series(scenario), ...inCluster('west', series) }),
  }
  await assert.rejects(runScenario(alert, scenario, both), /FAILED/)
})

describe('a release that Prometheus never scraped', () => {
  const firing = (groups: typeof local, exp_samples: readonly object[]) =>
    testRules(
      groups,
      {},
      {
        promql_expr_test: [
          { expr: 'count by (alertname) (ALERTS{alertstate="firing"})', eval_time: '30m', exp_samples },
        ],
      },
    )
  const down = ['ControllerDown', 'Down', 'WebhookDown'].map((name) => ({
    labels: `{alertname="KubeletCsrGate${name}"}`,
    value: 1,
  }))

  test('is missing in a Prometheus of its own', { skip }, async () => await firing(local, down))
  test('is none in a central ruler', { skip }, async () => await firing(central, []))
})

test('each alert has a summary, a description and a chapter of the runbooks with its four parts', async () => {
  const path = join(import.meta.dirname, '..', '..', 'docs', 'runbooks.md')
  const chapters = (await readFile(path, 'utf8')).split(/^## /m).slice(1)
  const named = new Map(chapters.map((chapter) => [chapter.split('\n')[0] ?? '', chapter]))
  assert.deepEqual([...named.keys()].toSorted(), Object.keys(scenarios).toSorted())
  for (const { alert, annotations } of alerts) {
    assert.ok(annotations['summary'] && annotations['description'], alert)
    for (const part of ['Meaning', 'Impact', 'Diagnosis', 'Mitigation'])
      assert.ok(named.get(alert)?.includes(`**${part}.**`), `${alert}: ${part}`)
  }
})

test('on-call.md has a line with a command for each alert, among those of its severity', async () => {
  const text = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'on-call.md'), 'utf8')
  const [, critical = '', warnings = ''] = text.split(/^## (?:Critical alerts|Warnings)$/m)
  const idsIn = (part: string) =>
    [
      ...part.matchAll(/^\| <a id="(\w+)"><\/a>\[\w+\]\(runbooks.md#\1\) \| [^|]+ \| [^|]+ \| [^|]+ \|$/gm),
    ].map(([, id = '']) => id)
  const alertsOf = (severity: string) =>
    alerts.filter(({ labels }) => labels['severity'] === severity).map(({ alert }) => alert.toLowerCase())
  assert.deepEqual(idsIn(critical).toSorted(), alertsOf('critical').toSorted())
  assert.deepEqual(idsIn(warnings).toSorted(), alertsOf('warning').toSorted())
})

test('a runbook has an absolute URL, or none', async () => {
  assert.deepEqual(new Set(alerts.map(({ annotations }) => annotations['runbook_url'])), new Set([undefined]))
  const runbookUrl = 'https://example.com/runbooks.md#'
  for (const { alert, annotations } of alertsIn(await groupsOf({}, { runbookUrl })))
    assert.equal(annotations['runbook_url'], `${runbookUrl}${alert.toLowerCase()}`)
  await assert.rejects(groupsOf({}, { runbookUrl: 'docs/runbooks.md#' }), /runbookUrl/)
})

test('a component that is off has no alerts', async () => {
  const namesOf = async (values: object) => (await groupsOf(values)).map(({ name }) => name)
  const [webhook, controller, pods, nodes] = ['webhook', 'controller', 'pods', 'nodes'].map(
    (part) => `kubelet-csr-gate-${part}`,
  )
  assert.deepEqual(await namesOf({}), [webhook, controller, pods, nodes])
  assert.deepEqual(await namesOf({ controller: { enabled: false } }), [webhook, pods, nodes])
  assert.deepEqual(await namesOf({ webhook: { enabled: false } }), [controller, pods, nodes])
})

test('an alert can be disabled, and a group without alerts is left out', async () => {
  const disabled = alerts.map(({ alert }) => alert).filter((name) => name !== 'KubeletCsrGateFlood')
  const names = alertsIn(await groupsOf({}, { disabled })).map(({ alert }) => alert)
  assert.deepEqual(names, ['KubeletCsrGateFlood'])
})

test('alerts select the job that the monitors set, and the job of the kubelets', async () => {
  const values = {
    nameOverride: 'approver',
    metrics: { kubeletJob: 'nodes', prometheusRule: { enabled: true } },
  }
  const exprs = alertsIn(await groupsOf(values)).map(({ expr }) => expr)
  for (const job of ['approver', 'nodes']) assert.ok(exprs.some((expr) => expr.includes(`job="${job}"`)))
  for (const job of ['kubelet-csr-gate', 'kubelet'])
    assert.ok(!exprs.some((expr) => expr.includes(`job="${job}"`)))
  assert.ok(!exprs.some((expr) => expr.includes('${')))
})

test('every aggregation is by the labels that tell clusters apart', async () => {
  const own = alertsIn(await groupsOf({}, { aggregationLabels: ['region', 'namespace'] }))
  for (const { alert, expr } of own) {
    const aggregations = expr.match(/\b(?:sum|min|max|count|group)\b(?!_)/gu) ?? []
    const grouped = expr.match(/\b(?:sum|min|max|count|group) by \(region, namespace\b/gu) ?? []
    assert.ok(aggregations.length > 0, alert)
    assert.equal(grouped.length, aggregations.length, `${alert}: ${expr}`)
  }
})
