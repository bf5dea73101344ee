import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { isExecutable } from '../binaries/executable.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { type Child, startChild } from '../kit/child.ts'
import { freePort } from '../kit/ports.ts'
import { until } from '../kit/until.ts'

type Program = 'promtool' | 'prometheus'

const PROMTOOL_MS = 30_000
const SCRAPED_MS = 30_000
const MISSING = 'promtool and prometheus are missing: run sh test/setup.sh chart'
const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'kubelet-csr-gate', 'binaries')
/** The installed programs come first, then the folder that setup.sh writes to. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), join(CACHE, 'prometheus')]

const found: Readonly<Record<Program, string | undefined>> = {
  promtool: await find('promtool'),
  prometheus: await find('prometheus'),
}

async function find(program: Program): Promise<string | undefined> {
  for (const folder of FOLDERS) {
    const path = join(folder, program)
    if (await isExecutable(path)) return path
  }
  return undefined
}

/** Why they cannot run here, or false. CI runs setup.sh first; without them it fails. */
export const prometheusMissing: string | false =
  (found.promtool !== undefined && found.prometheus !== undefined) || process.env['CI'] === 'true'
    ? false
    : `NOT PROVEN: ${MISSING}`

function pathOf(program: Program): string {
  const path = found[program]
  if (path === undefined) throw new Error(MISSING)
  return path
}

/** Rejects with the output of promtool when it fails. */
export async function promtool(args: readonly string[]): Promise<string> {
  const ran = promisify(execFile)(pathOf('promtool'), args, { timeout: PROMTOOL_MS })
  const { stdout } = await ran.catch((error: unknown) => {
    const said = ['stdout', 'stderr'].map((stream) => String(Reflect.get(Object(error), stream))).join('')
    throw new Error(said, { cause: error })
  })
  return stdout
}

/** Evaluates an expression now: the value of each series, as Prometheus writes it. */
export type Query = (expr: string) => Promise<readonly string[]>

export interface Prometheus extends AsyncDisposable {
  readonly query: Query
}

/** Starts a Prometheus that scrapes a pod and the API server each second; resolves once both were scraped. */
export async function startPrometheus(cluster: ControlPlane, metricsUrl: string): Promise<Prometheus> {
  const file = (name: string): string => join(cluster.directory, `prometheus${name}`)
  await writeFile(file('.yaml'), stringify(await configOf(cluster, metricsUrl, file)))
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
  const query: Query = (expr) => ask(`http://${listen}/api/v1/query`, expr)
  await untilScraped(child, query)
  return { query, [Symbol.asyncDispose]: () => child.stop() }
}

async function untilScraped(child: Child, query: Query): Promise<void> {
  const isScraped = async () => child.ended() !== null || (await query('up == 1')).length === 2
  try {
    await until(isScraped, 'Prometheus scrapes both targets', SCRAPED_MS, 100)
  } catch (cause) {
    await child.stop()
    throw new Error(await child.tail(), { cause })
  }
}

async function configOf(cluster: ControlPlane, metricsUrl: string, file: (name: string) => string) {
  const { certPem, keyPem } = await cluster.issue({
    commonName: 'prometheus',
    organizations: ['system:masters'],
  })
  await writeFile(file('.crt'), certPem)
  await writeFile(file('.key'), keyPem, { mode: 0o600 })
  await writeFile(file('-ca.crt'), cluster.caPem)
  const labels = { namespace: 'kubelet-csr-gate', pod: 'pod-0' }
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      {
        job_name: 'kubelet-csr-gate',
        static_configs: [{ targets: [new URL(metricsUrl).host], labels }],
      },
      {
        job_name: 'apiserver',
        scheme: 'https',
        tls_config: { ca_file: file('-ca.crt'), cert_file: file('.crt'), key_file: file('.key') },
        static_configs: [{ targets: [new URL(cluster.url).host] }],
        // only the series that the dashboard asks for, of thousands
        metric_relabel_configs: [
          { source_labels: ['__name__'], regex: 'apiserver_admission_.+', action: 'keep' },
        ],
      },
    ],
  }
}

/** The answer of Prometheus to an instant query of a vector. */
interface Answer {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] }
}

async function ask(url: string, expr: string): Promise<readonly string[]> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams({ query: expr }) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${expr}: ${response.status} ${text}`)
  const { data }: Answer = JSON.parse(text)
  return data.result.map(({ value: [, value] }) => value)
}
