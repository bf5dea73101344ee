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

/** A day of six clusters takes some ten seconds of CPU time. */
const PROMTOOL_MS = 300_000
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

/** What Prometheus scrapes besides the API server: URLs of pages, of which the path is /metrics. */
export interface Targets {
  /** Pods of ours, `pod-0` and so on. */
  readonly pods: readonly string[]
  readonly kubelets?: readonly string[]
}

/** Starts a Prometheus that scrapes each second, and evaluates the groups; resolves once it has scraped every target. */
export async function startPrometheus(
  cluster: ControlPlane,
  targets: Targets,
  groups: readonly object[] = [],
): Promise<Prometheus> {
  const file = (name: string): string => join(cluster.directory, `prometheus${name}`)
  await writeFile(file('-rules.yaml'), stringify({ groups }))
  await writeFile(file('.yaml'), stringify(await configOf(cluster, targets, file)))
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
  await untilScraped(child, query, 1 + targets.pods.length + (targets.kubelets ?? []).length)
  return { query, [Symbol.asyncDispose]: () => child.stop() }
}

async function untilScraped(child: Child, query: Query, targets: number): Promise<void> {
  const isScraped = async () => child.ended() !== null || (await query('up == 1')).length === targets
  try {
    await until(isScraped, 'Prometheus scrapes every target', SCRAPED_MS, 100)
  } catch (cause) {
    await child.stop()
    throw new Error(await child.tail(), { cause })
  }
}

async function configOf(
  cluster: ControlPlane,
  { pods, kubelets = [] }: Targets,
  file: (name: string) => string,
) {
  const { certPem, keyPem } = await cluster.issue({
    commonName: 'prometheus',
    organizations: ['system:masters'],
  })
  await writeFile(file('.crt'), certPem)
  await writeFile(file('.key'), keyPem, { mode: 0o600 })
  await writeFile(file('-ca.crt'), cluster.caPem)
  const hosts = (urls: readonly string[]): string[] => urls.map((url) => new URL(url).host)
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [file('-rules.yaml')],
    scrape_configs: [
      {
        job_name: 'kubelet-csr-gate',
        static_configs: hosts(pods).map((target, index) => ({
          targets: [target],
          labels: { namespace: 'kubelet-csr-gate', pod: `pod-${index}` },
        })),
      },
      { job_name: 'kubelet', static_configs: [{ targets: hosts(kubelets) }] },
      {
        job_name: 'apiserver',
        scheme: 'https',
        tls_config: { ca_file: file('-ca.crt'), cert_file: file('.crt'), key_file: file('.key') },
        static_configs: [{ targets: hosts([cluster.url]) }],
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
