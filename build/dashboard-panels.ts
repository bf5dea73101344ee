import { metricTable as ours } from '../server/report/metric-table.ts'

interface Query {
  readonly expr: string
  readonly legend: string
}

export interface Panel {
  readonly title: string
  /** As Grafana names them. */
  readonly unit: 'short' | 's' | 'ops' | 'bytes' | 'd'
  readonly about: string
  readonly queries: readonly Query[]
}

/** Of the gate as API servers see it. Names: k8s.io/apiserver, pkg/admission/metrics. */
export const apiServerMetrics = {
  duration: 'apiserver_admission_webhook_admission_duration_seconds',
  requests: 'apiserver_admission_webhook_request_total',
  failOpen: 'apiserver_admission_webhook_fail_open_count',
  rejections: 'apiserver_admission_webhook_rejection_count',
  matchErrors: 'apiserver_admission_match_condition_evaluation_errors_total',
} as const

/** The job that both monitors of the chart set; the template puts another name in its place where there is one. */
const JOB = '{job="kubelet-csr-gate"}'
const GATE = '{name="gate.kubelet-csr-gate.io"}'
const RATE = '[$__rate_interval]'

const our = ({ name }: { readonly name: string }, labels = ''): string =>
  `${name}{job="kubelet-csr-gate"${labels}}`
const perSecond = (series: string, by: string): string => `sum by (${by}) (rate(${series}${RATE}))`
const query = (legend: string, expr: string): Query => ({ legend, expr })

/** Three quantiles of a histogram. */
function quantiles(metric: string, selector: string): readonly Query[] {
  return [0.5, 0.95, 0.99].map((quantile) =>
    query(
      `p${quantile * 100}`,
      `histogram_quantile(${quantile}, sum by (le) (rate(${metric}_bucket${selector}${RATE})))`,
    ),
  )
}

const panel = (
  [title, unit, about]: readonly [string, Panel['unit'], string],
  ...queries: readonly Query[]
): Panel => ({ title, unit, about, queries })

/** Row by row, what an operator asks in this order: is it well, what is decided, is the gate well, the loop, the pods. */
export const rows: Readonly<Record<string, readonly Panel[]>> = {
  'Is it well?': [
    panel(
      ['Pods scraped', 'short', 'Pods that Prometheus reaches, and which of them approves.'],
      query('pods', `sum(up${JOB})`),
      query('leaders', `sum(${our(ours.leader)})`),
    ),
    panel(
      ['Oldest waiting CSR', 's', 'An honest one is decided within 30 s; a kubelet gives up after 15 min.'],
      query('oldest', `max(${our(ours.oldestPending)})`),
    ),
    panel(
      ['Waiting CSRs', 'short', 'Stored, neither approved nor denied.'],
      query('waiting', `max(${our(ours.pending)})`),
    ),
    panel(
      ['Certificate of the gate', 'd', 'Days until it expires, the earliest of all pods.'],
      query('days left', `(min(${our(ours.certificateExpiry)} > 0) - time()) / 86400`),
    ),
  ],
  Decisions: [
    panel(
      ['Verdicts', 'ops', 'Decisions told, by half and verdict.'],
      query('{{half}} {{decision}}', perSecond(our(ours.decisions), 'half, decision')),
    ),
    panel(
      ['Reasons for refusing', 'ops', 'The ten most frequent; what each requires is in policies/README.md.'],
      query('{{reason}}', `topk(10, ${perSecond(our(ours.decisions, ',decision!="approve"'), 'reason')})`),
    ),
    panel(
      ['Time to decision', 's', 'From the creation of a CSR until it was approved or denied.'],
      ...quantiles(ours.timeToDecision.name, JOB),
    ),
    panel(
      ['Policy in force', 'short', 'Pods by the hash of their policy; 0 good means a file with faults.'],
      query('{{hash}}', `count by (hash) (${our(ours.policy)})`),
      query('good', `min(${our(ours.policyGood)})`),
    ),
  ],
  'The gate': [
    panel(
      [
        'Calls, as API servers see them',
        'ops',
        'By HTTP code of the answer to the client, and whether refused.',
      ],
      query(
        '{{code}} refused={{rejected}}',
        perSecond(`${apiServerMetrics.requests}${GATE}`, 'code, rejected'),
      ),
    ),
    panel(
      ['Calls that failed', 'ops', 'Let in (Ignore) or refused (Fail) since the gate did not answer.'],
      query('let in', `sum(rate(${apiServerMetrics.failOpen}${GATE}${RATE}))`),
      query('{{error_type}}', perSecond(`${apiServerMetrics.rejections}${GATE}`, 'error_type')),
      query('match conditions', `sum(rate(${apiServerMetrics.matchErrors}${GATE}${RATE}))`),
    ),
    panel(
      ['Latency, as API servers see it', 's', 'With the way there and the handshake.'],
      ...quantiles(apiServerMetrics.duration, GATE),
    ),
    panel(
      ['Latency in the gate', 's', 'From the arrival of a request until its answer was sent.'],
      ...quantiles(ours.webhookLatency.name, JOB),
    ),
    panel(
      ['Answers of the gate', 'ops', 'By HTTP code; 200 is every review that could be answered.'],
      query('{{code}}', perSecond(our(ours.webhookRequests), 'code')),
      query('put off', `sum(rate(${our(ours.shed)}${RATE}))`),
      query('bugs', `sum(rate(${our(ours.webhookPanics)}${RATE}))`),
    ),
    panel(
      ['Reviews in flight', 'short', 'Being judged at this moment.'],
      query('{{pod}}', `sum by (pod) (${our(ours.webhookInFlight)})`),
    ),
  ],
  'The loop': [
    panel(
      ['Queue', 'short', 'CSRs that wait to be judged.'],
      query('waiting', `max(${our(ours.queueDepth)})`),
    ),
    panel(
      ['Judged, and judged again', 'ops', 'CSRs put into the queue, and put back.'],
      query('added', `sum(rate(${our(ours.queueAdds)}${RATE}))`),
      query('again', `sum(rate(${our(ours.queueRetries)}${RATE}))`),
    ),
    panel(['Waiting for its turn', 's', 'Once it was due.'], ...quantiles(ours.queueWait.name, JOB)),
    panel(
      ['Judging and acting', 's', 'Of one CSR; and of those that have not ended yet.'],
      ...quantiles(ours.queueWork.name, JOB),
      query('longest under way', `max(${our(ours.queueLongest)})`),
      query('all under way', `sum(${our(ours.queueUnfinished)})`),
    ),
    panel(
      ['Silence of watches', 's', 'API servers speak at least once a minute; after 75 s facts are unknown.'],
      query('{{list}}', `time() - max by (list) (${our(ours.watchLastEvent)})`),
    ),
    panel(
      ['Watches started again', 'ops', 'By list and cause.'],
      query('{{list}} {{reason}}', perSecond(our(ours.watchRestarts), 'list, reason')),
    ),
    panel(
      ['Requests to the API server', 'ops', 'By status code; 0 is no answer.'],
      query('{{method}} {{code}}', perSecond(our(ours.apiRequests), 'method, code')),
    ),
    panel(
      ['Events not written', 'ops', 'The queue was full, or the API server refused.'],
      query('dropped', `sum(rate(${our(ours.eventsDropped)}${RATE}))`),
    ),
  ],
  'The pods': [
    panel(
      ['Event-loop lag', 's', 'How long work waits for its turn, p99.'],
      query('{{pod}}', `max by (pod) (nodejs_eventloop_lag_p99_seconds${JOB})`),
    ),
    panel(
      ['Memory', 'bytes', 'Resident; the heap is part of it.'],
      query('{{pod}}', `sum by (pod) (process_resident_memory_bytes${JOB})`),
      query('{{pod}} heap', `sum by (pod) (nodejs_heap_size_used_bytes${JOB})`),
    ),
    panel(
      ['CPU', 'short', 'Cores in use.'],
      query('{{pod}}', `sum by (pod) (rate(process_cpu_seconds_total${JOB}${RATE}))`),
    ),
    panel(
      ['Garbage collection', 'short', 'Share of time.'],
      query('{{kind}}', `sum by (kind) (rate(nodejs_gc_duration_seconds_sum${JOB}${RATE}))`),
    ),
    panel(
      ['Versions', 'short', 'Pods by version of the program and of Node.'],
      query('{{version}} on {{node}}', `count by (version, node) (${our(ours.build)})`),
    ),
    panel(
      ['Certificates read', 'ops', 'Other serving certificates that were read, and those of no use.'],
      query('read', `sum(rate(${our(ours.certificateReads)}${RATE}))`),
      query('of no use', `sum(rate(${our(ours.certificateErrors)}${RATE}))`),
    ),
    panel(
      ['Policy reloads', 'ops', 'By whether they came into force.'],
      query('{{result}}', perSecond(our(ours.policyReloads), 'result')),
    ),
  ],
}
