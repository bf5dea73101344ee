import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricTable, runtimeMetrics } from './metrics.ts'
import { MetricsRecorder } from './recorder.ts'
import { approved } from './report.fixture.ts'

const both = { webhook: true, controller: true }
function start(runs = both) {
  const metrics = new MetricsRecorder({ version: '1.2.3', runs })
  metrics.waitingFrom(
    () => ({ count: 3, oldestSeconds: 7 }),
    () => ({ count: 2, oldestSeconds: 90 }),
  )
  if (runs.controller) metrics.approvableFrom(() => ({ count: 1, oldestSeconds: 4 }))
  metrics.sharedCaFrom(() => 'true')
  if (runs.controller) metrics.probesFrom({ inProgress: () => 2, blind: () => true })
  metrics.ledgerFrom(() => ({ nodes: 3, unproven: 2, unreadable: 1 }))
  metrics.processFrom({ droppedLines: () => 5, longestStallMs: () => 1_500 })
  return metrics
}

test('what walks all CSRs or the ledger is asked once for each page, however many metrics show it', async () => {
  const metrics = new MetricsRecorder({ version: '1.2.3', runs: both })
  const asked = { pending: 0, unissued: 0, approvable: 0, ledger: 0 }
  metrics.waitingFrom(
    () => ({ count: (asked.pending += 1), oldestSeconds: 0 }),
    () => ({ count: (asked.unissued += 1), oldestSeconds: 0 }),
  )
  metrics.approvableFrom(() => ({ count: (asked.approvable += 1), oldestSeconds: 0 }))
  metrics.ledgerFrom(() => ({ nodes: (asked.ledger += 1), unproven: 0, unreadable: 0 }))
  for (const page of [1, 2]) {
    const { body } = await metrics.render()
    assert.deepEqual(asked, { pending: page, unissued: page, approvable: page, ledger: page })
    assert.ok(body.includes(`kubelet_csr_gate_pending_csrs{component="both"} ${page}\n`))
  }
})

test('every metric of the table is on the page once, and of the runtime only the chosen ones', async () => {
  const metrics = start()
  const { body, contentType } = await metrics.render()
  assert.match(contentType, /^text\/plain/u)
  const shown = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gmu)].map(([, name, kind]) => `${name} ${kind}`)
  const ours = Object.values(metricTable).map(({ name, kind }) => `${name} ${kind}`)
  for (const row of ours) assert.equal(shown.filter((one) => one === row).length, 1, row)
  const others = shown.filter((row) => !ours.includes(row)).map((row) => row.split(' ')[0])
  assert.deepEqual(new Set(others), new Set(runtimeMetrics))
})

test('the metrics of the runtime are those of this process', async () => {
  const metrics = start()
  const { body } = await metrics.render()
  for (const name of [
    'process_cpu_seconds_total',
    'nodejs_heap_size_used_bytes',
    'process_resident_memory_bytes',
  ]) {
    const [, value = 'none'] = new RegExp(`^${name} (.+)$`, 'mu').exec(body) ?? []
    assert.ok(Number(value) > 0, `${name} ${value}`)
  }
})

test('counters start at 0, so that the first event of a new process is an increase', async () => {
  const metrics = start()
  metrics.watchSpoke('nodes')
  const lines = (await metrics.render()).body.split('\n')
  for (const line of [
    'kubelet_csr_gate_decisions_total{component="controller",verdict="approve",reason="Conforms"} 0',
    'kubelet_csr_gate_time_to_decision_seconds_count{component="controller",verdict="approve"} 0',
    'workqueue_work_duration_seconds_count{name="csr"} 0',
    'workqueue_retries_total{name="csr"} 0',
    'workqueue_depth{name="csr"} 0',
    'kubelet_csr_gate_policy_reloads_total{component="both",result="ok"} 0',
    'kubelet_csr_gate_policy_reloads_total{component="both",result="faults"} 0',
    'kubelet_csr_gate_watch_restarts_total{component="both",list="nodes",reason="closed"} 0',
    'kubelet_csr_gate_watch_restarts_total{component="both",list="nodes",reason="refused"} 0',
    'kubelet_csr_gate_panics_total{component="webhook"} 0',
    'kubelet_csr_gate_requests_shed_total{component="webhook"} 0',
    'kubelet_csr_gate_events_dropped_total{component="controller"} 0',
  ]) {
    assert.ok(lines.includes(line), line)
  }
  metrics.watchRestart('nodes', 'closed')
  metrics.watchSpoke('nodes')
  const { body } = await metrics.render()
  assert.ok(
    body.includes('kubelet_csr_gate_watch_restarts_total{component="both",list="nodes",reason="closed"} 1\n'),
  )
})

test('each method changes its metric, no value that is asked for is counted twice, and no metric is forgotten', async () => {
  const metrics = start()
  await metrics.render()
  const { decision } = approved
  const finding = { code: 'AddressUnproven', field: 'spec.request', outcome: 'pass' } as const
  const told = { ...decision, findings: [...decision.findings, { ...finding, detail: 'nobody answers' }] }
  for (const each of [decision, told]) metrics.decided({ ...approved, decision: each }, 1)
  metrics.answered(200, 0.002)
  metrics.inFlight(2)
  metrics.shed()
  metrics.panicked()
  metrics.apiRequest('PUT', '409')
  metrics.watchRestart('nodes', 'silent')
  metrics.watchSpoke('nodes')
  metrics.queue({ depth: 4, added: true, retried: true, waitedMs: 20, workedMs: 3 })
  metrics.underway(() => [250, 1_500])
  metrics.leader(true)
  metrics.eventsDropped(2)
  metrics.policyInForce('aaaaaaaaaaaa', 'dryRun')
  metrics.policyInForce('bbbbbbbbbbbb', 'enforce')
  metrics.policyReloaded(false)
  metrics.inventoryReloaded(false)
  metrics.certificateServed(new Date(1_800_000_000_000))
  metrics.certificateRead(false)
  metrics.probed('nothing', 1)
  metrics.ledgerWritten('conflict')
  metrics.mismatched('publicKey')
  const lines = (await metrics.render()).body.split('\n')
  for (const line of [
    'kubelet_csr_gate_told_approvals_total{component="controller",code="AddressUnproven"} 1',
    'kubelet_csr_gate_request_duration_seconds_count{component="webhook"} 1',
    'kubelet_csr_gate_requests_total{component="webhook",code="200"} 1',
    'kubelet_csr_gate_requests_in_flight{component="webhook"} 2',
    'kubelet_csr_gate_panics_total{component="webhook"} 1',
    'kubelet_csr_gate_requests_shed_total{component="webhook"} 1',
    'rest_client_requests_total{method="PUT",code="409"} 1',
    'kubelet_csr_gate_watch_restarts_total{component="both",list="nodes",reason="silent"} 1',
    'workqueue_depth{name="csr"} 4',
    'workqueue_adds_total{name="csr"} 1',
    'workqueue_retries_total{name="csr"} 1',
    'workqueue_queue_duration_seconds_sum{name="csr"} 0.02',
    'workqueue_work_duration_seconds_sum{name="csr"} 0.003',
    'workqueue_unfinished_work_seconds{name="csr"} 1.75',
    'workqueue_longest_running_processor_seconds{name="csr"} 1.5',
    'leader_election_master_status{name="csr"} 1',
    'kubelet_csr_gate_events_dropped_total{component="controller"} 2',
    'kubelet_csr_gate_policy_info{component="both",hash="bbbbbbbbbbbb",mode="enforce"} 1',
    'kubelet_csr_gate_policy_reloads_total{component="both",result="faults"} 1',
    'kubelet_csr_gate_policy_last_reload_successful{component="both"} 0',
    'kubelet_csr_gate_inventory_last_reload_successful{component="both"} 0',
    'kubelet_csr_gate_certificate_expiration_timestamp_seconds{component="webhook"} 1800000000',
    'certwatcher_read_certificate_total 1',
    'certwatcher_read_certificate_errors_total 1',
    'kubelet_csr_gate_pending_csrs{component="both"} 3',
    'kubelet_csr_gate_oldest_pending_seconds{component="both"} 7',
    'kubelet_csr_gate_approvable_csrs{component="controller"} 1',
    'kubelet_csr_gate_oldest_approvable_seconds{component="controller"} 4',
    'kubelet_csr_gate_unissued_csrs{component="both"} 2',
    'kubelet_csr_gate_oldest_unissued_seconds{component="both"} 90',
    'kubelet_csr_gate_shared_ca_info{component="both",shared_ca="true"} 1',
    'kubelet_csr_gate_ledger_nodes{component="both"} 3',
    'kubelet_csr_gate_unproven_addresses{component="both"} 2',
    'kubelet_csr_gate_ledger_unreadable_shards{component="both"} 1',
    'kubelet_csr_gate_ledger_writes_total{component="controller",result="conflict"} 1',
    'kubelet_csr_gate_issued_mismatches_total{component="controller",field="publicKey"} 1',
    'kubelet_csr_gate_address_probes_total{component="controller",saw="certificate"} 0',
    'kubelet_csr_gate_address_probes_total{component="controller",saw="nothing"} 1',
    'kubelet_csr_gate_address_probe_duration_seconds_sum{component="controller"} 1',
    'kubelet_csr_gate_address_probes_in_progress{component="controller"} 2',
    'kubelet_csr_gate_address_probes_blind{component="controller"} 1',
    'kubelet_csr_gate_log_lines_dropped_total{component="both"} 5',
    'kubelet_csr_gate_event_loop_longest_stall_seconds{component="both"} 1.5',
  ])
    assert.ok(lines.includes(line), line)
  assert.ok(!lines.some((line) => line.includes('aaaaaaaaaaaa')))
  const sampled = (name: string) => lines.some((line) => new RegExp(`^${name}(_count)?[{ ]`, 'u').test(line))
  for (const { name } of Object.values(metricTable)) assert.ok(sampled(name), `${name} has no sample`)
})

test('every metric of ours has the label component, and shows only components that the process runs', async () => {
  for (const [runs, wanted] of [
    [{ webhook: true, controller: false }, 'webhook'],
    [{ webhook: false, controller: true }, 'controller'],
  ] as const) {
    const metrics = start(runs)
    metrics.watchSpoke('nodes')
    metrics.policyInForce('aaaaaaaaaaaa', 'dryRun')
    const { body } = await metrics.render()
    const samples = body.split('\n').filter((line) => line.startsWith('kubelet_csr_gate_'))
    assert.ok(samples.length > 10)
    for (const line of samples) assert.ok(line.includes(`component="${wanted}"`), line)
  }
  for (const { name, labels } of Object.values(metricTable))
    assert.equal(Array.from<string>(labels).includes('component'), name.startsWith('kubelet_csr_gate_'), name)
})
