import { flag, group, kubernetesList, OBJECT_NAME, PORT, strings, text, whole } from './kinds.ts'

const DURATION = { pattern: '^$|^([0-9]+(ms|s|m|h))+$' }

const scrape = {
  namespace: text('Its namespace; empty for that of the release.', '', OBJECT_NAME),
  interval: text("How often to scrape; empty for Prometheus's own default.", '', DURATION),
  scrapeTimeout: text("How long a scrape may take; empty for Prometheus's own default.", '', DURATION),
  additionalLabels: strings('More labels, such as those by which a Prometheus selects.'),
  relabelings: kubernetesList('Changes of labels before a scrape.'),
  metricRelabelings: kubernetesList('Changes of labels, or drops, after it.'),
}

export const metrics = group(
  'Probes and metrics, and what reads them: the Prometheus operator and Grafana.',
  {
    port: whole('Port of /livez, /readyz and /metrics.', 8080, PORT),
    serviceMonitor: group('Scraping by a Service, which the chart then makes.', {
      enabled: flag('Whether there is one.', false),
      ...scrape,
    }),
    podMonitor: group('Scraping of the pods themselves, in place of the ServiceMonitor.', {
      enabled: flag('Whether there is one.', false),
      ...scrape,
    }),
    prometheusRule: group('The alerts, each with a runbook.', {
      enabled: flag('Whether there is one.', false),
      namespace: text('Its namespace; empty for that of the release.', '', OBJECT_NAME),
      additionalLabels: strings('More labels, such as those by which a Prometheus selects.'),
      runbookUrl: text(
        "Where you publish the runbooks; an alert's name in lower case is appended. The default is their place in the sources.",
        'docs/runbooks.md#',
        { minLength: 1 },
      ),
    }),
    dashboard: group('The dashboard, as a ConfigMap that the sidecar of Grafana finds.', {
      enabled: flag('Whether there is one.', false),
      namespace: text('Its namespace; empty for that of the release.', '', OBJECT_NAME),
      labels: strings('More labels, besides `grafana_dashboard: "1"`.'),
      annotations: strings('Its annotations, such as the folder to show it in.'),
    }),
  },
)
