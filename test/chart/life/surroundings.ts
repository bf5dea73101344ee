import { DAY } from './installation.ts'
import type { Recorder } from './recorder.ts'

/** An API server is started again: its counters begin at 0. */
const API_RESTART = 600
const NODES = 20
const YEAR_SECONDS = 365 * 86_400
/** A node is started again: its kubelet does not answer for so many minutes. */
const REBOOT = { at: 900, minutes: 4 } as const

/** A day of what Prometheus scrapes besides our pods: an API server that calls the webhook, and kubelets. */
export function surround(to: Recorder, hasWebhook: boolean): void {
  for (let minute = 0; minute <= DAY; minute += 1) {
    if (hasWebhook) apiServer(to, minute)
    for (let node = 0; node < NODES; node += 1) kubelet(to, minute, node)
  }
}

function apiServer(to: Recorder, minute: number): void {
  const calls = minute < API_RESTART ? minute * 2 : (minute - API_RESTART) * 2
  const series = (metric: string, labels: string): string =>
    `apiserver_admission_${metric}{job="apiserver",instance="10.0.0.1:6443",name="webhook.kubelet-csr-gate.io",type="validating"${labels}}`
  const operation = ',operation="CREATE"'
  for (const le of ['0.005', '0.025', '0.1', '0.5', '1', '2.5', '10', '25', '+Inf'])
    to.sample(
      minute,
      series('webhook_admission_duration_seconds_bucket', `${operation},rejected="false",le="${le}"`),
      le === '0.005' ? Math.floor(calls * 0.9) : calls,
    )
  const refused = `${operation},error_type="no_error",rejection_code="403"`
  to.sample(minute, series('webhook_rejection_count', refused), Math.floor(calls / 10))
}

function kubelet(to: Recorder, minute: number, node: number): void {
  const labels = `job="kubelet",instance="10.0.1.${node}:10250",node="node-${node}"`
  // at different times of the day, each renews with a fifth of the year left
  const renewsAt = 60 * node + 30
  const since = minute - renewsAt
  const left = (since < 0 ? YEAR_SECONDS / 5 : YEAR_SECONDS) - Math.abs(since) * 60
  const isDown = node === 3 && minute >= REBOOT.at && minute < REBOOT.at + REBOOT.minutes
  for (const path of ['/metrics', '/metrics/cadvisor'])
    to.sample(minute, `up{${labels},metrics_path="${path}"}`, isDown ? 0 : 1)
  if (!isDown)
    to.sample(
      minute,
      `kubelet_certificate_manager_server_ttl_seconds{${labels},metrics_path="/metrics"}`,
      left,
    )
}
