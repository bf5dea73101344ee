import { flag, group, kubernetesList, OBJECT_NAME, PORT, strings, text, whole } from './kinds.ts'

const DURATION = { pattern: '^$|^([0-9]+(ms|s|m|h))+$' }

const scrape = {
  namespace: text('Namespace. Default: the namespace of the release.', '', OBJECT_NAME),
  interval: text('Scrape interval. Default: the default of Prometheus.', '', DURATION),
  scrapeTimeout: text('Scrape timeout. Default: the default of Prometheus.', '', DURATION),
  additionalLabels: strings('Additional labels, such as the ones your Prometheus selects by.'),
  relabelings: kubernetesList('Relabelings, applied before a scrape.'),
  metricRelabelings: kubernetesList('Metric relabelings, applied to scraped samples.'),
}

export const metrics = group('Metrics, and objects for the Prometheus operator and Grafana.', {
  port: whole('Port that serves /livez, /readyz and /metrics.', 8080, PORT),
  serviceMonitor: group('ServiceMonitor, with a headless Service.', {
    enabled: flag('Create a ServiceMonitor.', false),
    ...scrape,
  }),
  podMonitor: group('PodMonitor, an alternative to the ServiceMonitor.', {
    enabled: flag('Create a PodMonitor.', false),
    ...scrape,
  }),
  prometheusRule: group('PrometheusRule with the alerts. Each alert has a runbook.', {
    enabled: flag('Create a PrometheusRule.', false),
    namespace: text('Namespace. Default: the namespace of the release.', '', OBJECT_NAME),
    additionalLabels: strings('Additional labels, such as the ones your Prometheus selects by.'),
    runbookUrl: text(
      'Base URL of the runbooks. The name of the alert in lower case is appended. Default: those of the published chart. A chart from the sources has no address, and its alerts have no `runbook_url`.',
      '',
      { pattern: '^$|^https?://' },
    ),
  }),
  dashboard: group('Grafana dashboard, as a ConfigMap for the Grafana sidecar.', {
    enabled: flag('Create the dashboard ConfigMap.', false),
    namespace: text('Namespace. Default: the namespace of the release.', '', OBJECT_NAME),
    label: text('Label by which the Grafana sidecar finds the ConfigMap.', 'grafana_dashboard', {
      minLength: 1,
    }),
    labelValue: text('Value of this label.', '1'),
    labels: strings('Additional labels.'),
    annotations: strings('Annotations, such as the Grafana folder.'),
  }),
})
