/** A Prometheus over what is scraped in a cluster: our pods, as the chart's monitors have it, and the API server. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { type Child, startChild } from '../../kit/child.ts'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { freePort } from '../../kit/ports.ts'
import { pathOf } from '../prometheus.ts'
import { type Range, rangeQuery, type Series } from './range-query.ts'

/** A pod of ours as Prometheus finds it. */
export interface Scraped {
  readonly pod: string
  readonly metricsUrl: string
}

export interface Scraper extends AsyncDisposable {
  /** What Grafana would be given for a query of a panel. */
  range(expr: string, range: Range): Promise<readonly Series[]>
}

/** Of the API server's thousands of series, those that the dashboard asks for; all would only cost time. */
const KEPT = 'apiserver_admission_.+'

/** Resolves once everything has been scraped. */
export async function startScraper(
  cluster: ControlPlane,
  pods: readonly Scraped[],
  everySeconds: number,
): Promise<Scraper> {
  const file = (name: string): string => join(cluster.directory, `prometheus${name}`)
  const scraper = await cluster.issue({ commonName: 'prometheus', organizations: ['system:masters'] })
  await writeFile(file('.crt'), scraper.certPem)
  await writeFile(file('.key'), scraper.keyPem, { mode: 0o600 })
  await writeFile(file('-ca.crt'), cluster.caPem)
  const every = `${everySeconds}s`
  const config = {
    global: { scrape_interval: every, scrape_timeout: every },
    scrape_configs: [podsJob(pods), apiServerJob(cluster, file)],
  }
  await writeFile(file('.yaml'), stringify(config))
  const listen = `127.0.0.1:${await freePort()}`
  const child = startChild({
    name: 'prometheus',
    path: pathOf('prometheus'),
    args: [
      `--config.file=${file('.yaml')}`,
      `--storage.tsdb.path=${file('.tsdb')}`,
      `--web.listen-address=${listen}`,
    ],
    logFile: file('.log'),
  })
  await untilScraped(child, `http://${listen}`, pods.length + 1)
  return {
    range: (expr, range) => rangeQuery(`http://${listen}`, expr, range),
    [Symbol.asyncDispose]: () => child.stop(),
  }
}

const READY_MS = 30_000

/** A rate can be told of what changes from then on. */
async function untilScraped(prometheus: Child, url: string, targets: number): Promise<void> {
  const deadline = performance.now() + READY_MS
  for (;;) {
    const now = Date.now() / 1_000
    const up = await rangeQuery(url, 'up == 1', { start: now, end: now, step: 1 }).catch(() => [])
    if (up.length === targets) return
    if (performance.now() > deadline || prometheus.ended() !== null) {
      await prometheus.stop()
      throw new Error(`Prometheus scrapes ${up.length} of ${targets} targets:\n${await prometheus.tail()}`)
    }
    await sleep(100)
  }
}

function podsJob(pods: readonly Scraped[]): object {
  const labelled = pods.map(({ pod, metricsUrl }) => ({
    targets: [new URL(metricsUrl).host],
    labels: { namespace: 'kubelet-csr-gate', pod },
  }))
  return { job_name: 'kubelet-csr-gate', static_configs: labelled }
}

function apiServerJob(cluster: ControlPlane, file: (name: string) => string): object {
  return {
    job_name: 'apiserver',
    scheme: 'https',
    tls_config: { ca_file: file('-ca.crt'), cert_file: file('.crt'), key_file: file('.key') },
    static_configs: [{ targets: [new URL(cluster.url).host] }],
    metric_relabel_configs: [{ source_labels: ['__name__'], regex: KEPT, action: 'keep' }],
  }
}
