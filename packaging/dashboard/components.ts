import { SILENT_MAX_MS } from '../../server/facts/sources.ts'
import { metricTable as ours } from '../../server/report/metric-table.ts'
import { type Panel, panel } from './panel.ts'
import { JOB, meanNumber, our, perSecond, quantiles, query, RATE, seen } from './promql.ts'

/** Of the webhook as API servers see it. Names: k8s.io/apiserver, pkg/admission/metrics. */
export const apiServerMetrics = {
  duration: 'apiserver_admission_webhook_admission_duration_seconds',
  requests: 'apiserver_admission_webhook_request_total',
  failOpen: 'apiserver_admission_webhook_fail_open_count',
  rejections: 'apiserver_admission_webhook_rejection_count',
  matchErrors: 'apiserver_admission_match_condition_evaluation_errors_total',
} as const

/** An ordinary refusal counts as a rejection, too, with `no_error`. */
const FAILED = '{name="webhook.kubelet-csr-gate.io",error_type!="no_error"}'
const GATE = '{name="webhook.kubelet-csr-gate.io"}'

export const gatePanels: readonly Panel[] = [
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
    ['Calls that failed', 'ops', 'Let in (Ignore) or refused (Fail) since the webhook did not answer.'],
    query('let in', `sum(rate(${apiServerMetrics.failOpen}${GATE}${RATE}))`),
    query('{{error_type}}', perSecond(`${apiServerMetrics.rejections}${FAILED}`, 'error_type')),
    query('match conditions', `sum(rate(${apiServerMetrics.matchErrors}${GATE}${RATE}))`),
  ),
  panel(
    [
      'Latency, as API servers see it',
      's',
      'With the way there and the handshake.',
      { good: 'below', warning: 0.5 },
    ],
    ...quantiles(apiServerMetrics.duration, GATE),
  ),
  panel(
    ['Latency in the webhook', 's', 'From the arrival of a request until its answer was sent.'],
    ...quantiles(ours.webhookLatency.name, JOB),
  ),
  panel(
    ['Answers of the webhook', 'ops', 'By HTTP code; 200 is every review that could be answered.'],
    query('{{code}}', perSecond(our(ours.webhookRequests), 'code')),
    query('put off', `sum(rate(${our(ours.shed)}${RATE}))`),
    query('bugs', `sum(rate(${our(ours.webhookPanics)}${RATE}))`),
  ),
  panel(
    ['Reviews in flight', 'none', 'Being judged: the mean, and the most that a scrape met.'],
    query('{{pod}}', meanNumber(`${ours.webhookLatency.name}_sum${JOB}`, 'pod')),
    query('at a scrape', `max(${our(ours.webhookInFlight)})`),
  ),
]

export const loopPanels: readonly Panel[] = [
  panel(
    ['Queue', 'none', 'CSRs that wait to be judged: the mean, and how many a scrape met.'],
    query('mean', meanNumber(`${ours.queueWait.name}_sum${JOB}`, 'job')),
    query('at a scrape', `max(${our(ours.queueDepth)})`),
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
    [
      'Silence of watches',
      's',
      'API servers speak at least once a minute; after 75 s facts are unknown.',
      { good: 'below', warning: SILENT_MAX_MS / 1_000, critical: 300 },
    ],
    query('{{list}}', `time() - max by (list) (${our(ours.watchLastEvent)})`),
  ),
  panel(
    ['Watches started again', 'ops', 'By cause: the server closed or refused them, or was silent.'],
    query('{{reason}}', perSecond(our(ours.watchRestarts), 'reason')),
  ),
  panel(
    ['Requests to the API server', 'ops', 'By status code; <error> is no answer.'],
    query('{{method}} {{code}}', seen(perSecond(our(ours.apiRequests), 'method, code'))),
  ),
  panel(
    ['Events not written', 'ops', 'The queue was full, or the API server refused.'],
    query('dropped', `sum(rate(${our(ours.eventsDropped)}${RATE}))`),
  ),
]
