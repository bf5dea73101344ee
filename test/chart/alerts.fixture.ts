type Labels = Readonly<Record<string, string>>

/** The series of an alert, minute by minute, and when it fires and has cleared. */
export interface Scenario {
  /** Values by series, in promtool's notation: `0+10x20` is 0, then 10 more a minute for 20 minutes. */
  readonly series: Readonly<Record<string, string>>
  /** The same in a cluster that is well. Default: each series keeps its first value. */
  readonly healthy?: Readonly<Record<string, string>>
  readonly firesAt: string
  readonly clearsAt: string
  /** Besides alertname, severity and the cluster. Default: those of the release. */
  readonly labels?: Labels
  /** The value, as in the description. */
  readonly value?: string
}

/** The labels that tell a release apart in its cluster. */
export const RELEASE: Labels = { job: 'kubelet-csr-gate', namespace: 'example-system' }
const WEBHOOK = { name: 'webhook.kubelet-csr-gate.io' } as const

const ofPod = (pod: string, metric: string, labels = ''): string =>
  `${metric}{job="kubelet-csr-gate",namespace="example-system",pod="${pod}"${labels}}`
const ours = (metric: string, labels = ''): string => ofPod('pod-0', metric, labels)
const ofWebhook = (webhook: string, metric: string, labels = ''): string =>
  `apiserver_admission_${metric}{job="apiserver",instance="a",name="${webhook}.kubelet-csr-gate.io",type="validating"${labels}}`
const apiServers = (metric: string, labels = ''): string => ofWebhook('webhook', metric, labels)
const DECISIONS = 'kubelet_csr_gate_decisions_total'
const answers = (upTo: string): string =>
  apiServers('webhook_admission_duration_seconds_bucket', `,operation="CREATE",rejected="false",le="${upTo}"`)

const approvable = ours('kubelet_csr_gate_oldest_approvable_seconds')
/** One that the controller leaves for good does not count, whatever its age. */
const leftForGood = { [ours('kubelet_csr_gate_oldest_pending_seconds')]: '80000+60x60' }
const build = (component: string): string => ours('kubelet_csr_gate_build_info', `,component="${component}"`)
const ofKubelet = (node: string, metric: string): string =>
  `${metric}{job="kubelet",instance="${node}:10250",node="${node}",metrics_path="/metrics"}`
const TTL = 'kubelet_certificate_manager_server_ttl_seconds'
const policyInMode = (mode: string): string =>
  ours('kubelet_csr_gate_policy_info', `,component="controller",hash="0123456789ab",mode="${mode}"`)
const installed = { [build('controller')]: '1+0x90' }

export const scenarios: Readonly<Record<string, Scenario>> = {
  KubeletCsrGateFailOpen: {
    series: { [apiServers('webhook_fail_open_count')]: '0+0x5 3+0x40' },
    labels: WEBHOOK,
    firesAt: '10m',
    clearsAt: '30m',
    value: '3',
  },
  KubeletCsrGateCallingError: {
    series: {
      [apiServers('webhook_rejection_count', ',error_type="calling_webhook_error",rejection_code="0"')]:
        '0+0x5 2+0x40',
      // refusals by the policy do not count
      [apiServers('webhook_rejection_count', ',error_type="no_error",rejection_code="403"')]: '0+9x45',
    },
    labels: WEBHOOK,
    firesAt: '10m',
    clearsAt: '30m',
    value: '2',
  },
  KubeletCsrGateLatencyHigh: {
    series: {
      [answers('0.5')]: '0+0x60',
      [answers('1')]: '0+60x20 1200+0x40',
      [answers('+Inf')]: '0+60x20 1200+0x40',
    },
    healthy: { [answers('0.5')]: '0+60x60', [answers('1')]: '0+60x60', [answers('+Inf')]: '0+60x60' },
    labels: {},
    firesAt: '15m',
    clearsAt: '40m',
    value: '995ms',
  },
  KubeletCsrGateWebhookDown: {
    // the controller goes on
    series: { [build('webhook')]: '1+0x5 _x15 1+0x20', [build('controller')]: '1+0x40' },
    firesAt: '18m',
    clearsAt: '22m',
  },
  KubeletCsrGateControllerDown: {
    series: { [build('controller')]: '1+0x5 _x15 1+0x20', [build('webhook')]: '1+0x40' },
    firesAt: '18m',
    clearsAt: '22m',
  },
  KubeletCsrGateFlood: {
    series: { [ours('kubelet_csr_gate_requests_shed_total')]: '0+0x5 20+0x40' },
    firesAt: '10m',
    clearsAt: '30m',
    value: '20',
  },
  KubeletCsrGatePanics: {
    series: { [ours('kubelet_csr_gate_panics_total')]: '0+0x5 1+0x40' },
    firesAt: '10m',
    clearsAt: '30m',
    value: '1',
  },
  KubeletCsrGateGuardCallingError: {
    series: {
      [ofWebhook('guard', 'webhook_rejection_count', ',error_type="calling_webhook_error"')]: '0+0x5 2+0x40',
      // refusals by the policy, and the webhook itself, do not count
      [ofWebhook('guard', 'webhook_rejection_count', ',error_type="no_error"')]: '0+9x45',
      [apiServers('webhook_rejection_count', ',error_type="calling_webhook_error"')]: '0+9x45',
    },
    firesAt: '10m',
    clearsAt: '30m',
    labels: { name: 'guard.kubelet-csr-gate.io' },
    value: '2',
  },
  KubeletCsrGateGuardFailOpen: {
    series: {
      [ofWebhook('bootstrap-guard', 'webhook_fail_open_count')]: '0+0x5 3+0x40',
      [apiServers('webhook_fail_open_count')]: '0+9x45',
    },
    firesAt: '10m',
    clearsAt: '30m',
    labels: { name: 'bootstrap-guard.kubelet-csr-gate.io' },
    value: '3',
  },
  KubeletCsrGateGuardRefusals: {
    series: {
      [ours(DECISIONS, ',component="guard",verdict="notYet",reason="NameReserved"')]: '0+0x5 4+0x40',
      // what conforms, and what the webhook refuses, do not count
      [ours(DECISIONS, ',component="guard",verdict="approve",reason="Conforms"')]: '0+9x45',
      [ours(DECISIONS, ',component="webhook",verdict="notYet",reason="NameReserved"')]: '0+9x45',
    },
    firesAt: '10m',
    clearsAt: '30m',
    labels: { ...RELEASE, component: 'guard', reason: 'NameReserved' },
    value: '4',
  },
  KubeletCsrGateToldApprovals: {
    series: {
      [ours('kubelet_csr_gate_told_approvals_total', ',component="controller",code="AddressUnproven"')]:
        '0+0x5 3+0x40',
    },
    firesAt: '10m',
    clearsAt: '30m',
    labels: { ...RELEASE, code: 'AddressUnproven' },
    value: '3',
  },
  KubeletCsrGateIssuedMismatch: {
    series: {
      [ours('kubelet_csr_gate_issued_mismatches_total', ',component="controller",field="names"')]:
        '0+0x5 2+0x40',
      [ours('kubelet_csr_gate_issued_mismatches_total', ',component="controller",field="authority"')]:
        '0+0x45',
    },
    firesAt: '10m',
    clearsAt: '30m',
    labels: { ...RELEASE, field: 'names' },
    value: '2',
  },
  KubeletCsrGateNotIssued: {
    series: { [ours('kubelet_csr_gate_oldest_unissued_seconds')]: '0+60x6 0+0x20' },
    firesAt: '6m',
    clearsAt: '8m',
    value: '6m 0s',
  },
  KubeletCsrGateCertificateExpiresSoon: {
    // in five days, then renewed for a year
    series: {
      [ours('kubelet_csr_gate_certificate_expiration_timestamp_seconds')]: '432000+0x20 31536000+0x40',
    },
    healthy: { [ours('kubelet_csr_gate_certificate_expiration_timestamp_seconds')]: '31536000+0x60' },
    firesAt: '15m',
    clearsAt: '30m',
    value: '4d 23h 45m 0s',
  },
  KubeletCsrGateCertificateExpires: {
    series: {
      [ours('kubelet_csr_gate_certificate_expiration_timestamp_seconds')]:
        '31536000+0x5 36000+0x20 31536000+0x20',
    },
    firesAt: '10m',
    clearsAt: '30m',
    value: '9h 50m 0s',
  },
  KubeletCsrGateOldestPending: {
    series: { [approvable]: '0+60x9 0+0x20', ...leftForGood },
    firesAt: '8m',
    clearsAt: '11m',
    value: '8m 0s',
  },
  KubeletCsrGateOldestPendingTooLong: {
    series: { [approvable]: '0+60x19 0+0x20', ...leftForGood },
    firesAt: '18m',
    clearsAt: '21m',
    value: '18m 0s',
  },
  KubeletCsrGateNoLeader: {
    series: { [ours('leader_election_master_status', ',name="csr"')]: '1+0x5 0+0x10 1+0x20' },
    firesAt: '8m',
    clearsAt: '20m',
    value: '0',
  },
  KubeletCsrGateDown: {
    series: { [ours('up')]: '1+0x5 0+0x10 1+0x20', [build('both')]: '1+0x5 _x10 1+0x20' },
    firesAt: '12m',
    clearsAt: '20m',
  },
  KubeletCsrGateDenialSpike: {
    series: {
      [ours('kubelet_csr_gate_decisions_total', ',component="webhook",verdict="deny",reason="NameReserved"')]:
        '0+10x20 200+0x40',
      // approvals do not count
      [ours(
        'kubelet_csr_gate_decisions_total',
        ',component="controller",verdict="approve",reason="Approved"',
      )]: '0+100x60',
    },
    firesAt: '15m',
    clearsAt: '40m',
    labels: { ...RELEASE, reason: 'NameReserved' },
    value: '100',
  },
  KubeletCsrGateWatchStale: {
    series: {
      [ours('kubelet_csr_gate_watch_last_event_timestamp_seconds', ',component="controller",list="csrs"')]:
        '0+60x5 300+0x20 1620+60x20',
      // a standby whose watch is well does not hide a leader whose watch is not
      [ofPod('pod-1', 'kubelet_csr_gate_watch_last_event_timestamp_seconds', ',list="csrs"')]: '0+60x60',
      // a list that the API server does not serve has no events
      [ours('kubelet_csr_gate_watch_last_event_timestamp_seconds', ',list="services"')]: '0+0x60',
    },
    healthy: {
      [ours('kubelet_csr_gate_watch_last_event_timestamp_seconds', ',component="controller",list="csrs"')]:
        '0+60x60',
    },
    firesAt: '17m',
    clearsAt: '30m',
    labels: { ...RELEASE, pod: 'pod-0', list: 'csrs' },
    value: '12m 0s',
  },
  KubeletCsrGateEventLoopLag: {
    series: { [ours('nodejs_eventloop_lag_p99_seconds')]: '0.3+0x20 0.01+0x20' },
    healthy: { [ours('nodejs_eventloop_lag_p99_seconds')]: '0.01+0x40' },
    firesAt: '12m',
    clearsAt: '25m',
    labels: { ...RELEASE, pod: 'pod-0' },
    value: '300ms',
  },
  KubeletCsrGateInventoryFaulty: {
    series: { [ours('kubelet_csr_gate_inventory_last_reload_successful')]: '1+0x5 0+0x20 1+0x20' },
    firesAt: '15m',
    clearsAt: '30m',
  },
  KubeletCsrGateDryRun: {
    series: { [policyInMode('dryRun')]: '1+0x1450 stale' },
    healthy: { [policyInMode('enforce')]: '1+0x1450' },
    firesAt: '1441m',
    clearsAt: '1455m',
  },
  KubeletCsrGatePolicyFaulty: {
    series: { [ours('kubelet_csr_gate_policy_last_reload_successful')]: '1+0x5 0+0x20 1+0x20' },
    firesAt: '15m',
    clearsAt: '30m',
  },
  KubeletCsrGateLedgerUnreadable: {
    series: { [ours('kubelet_csr_gate_ledger_unreadable_shards')]: '0+0x5 1+0x20 0+0x20' },
    firesAt: '15m',
    value: '1',
    clearsAt: '30m',
  },
  KubeletCsrGateProbesBlind: {
    series: {
      [ours('kubelet_csr_gate_address_probes_blind', ',component="controller"')]: '0+0x5 1+0x5 0+0x40',
    },
    firesAt: '15m',
    clearsAt: '30m',
  },
  KubeletCsrGateNodesNotServing: {
    // node-2 never gets a certificate, and cannot be scraped; node-3 joins and cannot either, until both are approved
    series: {
      ...installed,
      [ofKubelet('node-1', 'up')]: '1+0x90',
      [ofKubelet('node-1', TTL)]: '31536000-60x90',
      [ofKubelet('node-2', 'up')]: '1+0x5 0+0x30 1+0x50',
      [ofKubelet('node-2', TTL)]: '31536000-60x5 _x30 31536000-60x50',
      [ofKubelet('node-3', 'up')]: '_x5 0+0x30 1+0x50',
      [ofKubelet('node-3', TTL)]: '_x5 _x30 31536000-60x50',
    },
    healthy: {
      ...installed,
      [ofKubelet('node-1', 'up')]: '1+0x90',
      [ofKubelet('node-1', TTL)]: '31536000-60x90',
    },
    firesAt: '30m',
    clearsAt: '50m',
    labels: {},
    value: '66.67%',
  },
  KubeletCsrGateKubeletCertificateExpiresSoon: {
    series: {
      ...installed,
      [ofKubelet('node-1', TTL)]: '604900-60x30 31536000-60x50',
      [ofKubelet('node-2', TTL)]: '31536000-60x80',
      // without a certificate: the other alert
      [ofKubelet('node-3', TTL)]: 'Inf+0x80',
    },
    healthy: { ...installed, [ofKubelet('node-1', TTL)]: '31536000-60x80' },
    firesAt: '20m',
    clearsAt: '40m',
    labels: {},
    value: '1',
  },
  KubeletCsrGateKubeletCertificateExpires: {
    series: { ...installed, [ofKubelet('node-1', TTL)]: '86500-60x30 31536000-60x50' },
    healthy: { ...installed, [ofKubelet('node-1', TTL)]: '31536000-60x80' },
    firesAt: '10m',
    clearsAt: '40m',
    labels: {},
    value: '1',
  },
}
