import { metricTable } from '../../server/report/metrics.ts'
import type { Generated } from '../docs/chart-docs.ts'
import type { Panel } from './panel.ts'
import { rows } from './panels.ts'

/** Grafana's grid is 24 wide. Lines have at most four panels, and no gap. */
const COLUMNS = 24
const LINE_MAX = 4
const HEIGHT = 7
/** Of numbers. */
const LOW = 4

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' }

/** The dashboard in Grafana's own format. */
export function dashboard(): Generated {
  const content = {
    title: 'kubelet-csr-gate',
    uid: 'kubelet-csr-gate',
    description: 'Made by `npm run docs` from packaging/dashboard/panels.ts.',
    tags: ['kubernetes', 'certificates'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: variables() },
    panels: placed().map((each, index) => ({ id: index + 1, ...each })),
  }
  return {
    path: 'charts/kubelet-csr-gate/monitoring/dashboard.json',
    content: `${JSON.stringify(content, null, 2)}\n`,
  }
}

/** Each offers what the ones before it leave. */
function variables(): readonly object[] {
  const build = metricTable.build.name
  return [
    { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', hide: 0 },
    // in a Prometheus of one cluster there is no such label, and nothing to choose
    { ...choice('cluster', 'Cluster', build), allValue: '.*' },
    { ...choice('namespace', 'Namespace', `${build}{cluster=~"$cluster"}`), allValue: '.*' },
    // all of ours, not all: names such as process_cpu_seconds_total are everybody's
    choice('job', 'Job', `${build}{cluster=~"$cluster",namespace=~"$namespace"}`),
  ]
}

function choice(name: string, label: string, series: string): object {
  const query = `label_values(${series}, ${name})`
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    definition: query,
    query: { query, refId: name },
    // when the time range changes
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    current: { selected: true, text: ['All'], value: ['$__all'] },
    hide: 0,
  }
}

/** Rows and panels, each with its position. */
function placed(): readonly object[] {
  const all: object[] = []
  let y = 0
  for (const [title, panels] of Object.entries(rows)) {
    all.push({ type: 'row', title, gridPos: { x: 0, y, w: COLUMNS, h: 1 }, panels: [] })
    y += 1
    for (const line of linesOf(panels)) {
      const w = COLUMNS / line.length
      const h = line.every(({ kind }) => kind === 'stat') ? LOW : HEIGHT
      all.push(...line.map((each, at) => shown(each, { x: at * w, y, w, h })))
      y += h
    }
  }
  return all
}

/** As few lines as possible, all of the same length except the last. Numbers are in one. */
function linesOf(panels: readonly Panel[]): readonly (readonly Panel[])[] {
  const most = panels.every(({ kind }) => kind === 'stat') ? panels.length : LINE_MAX
  const count = Math.ceil(panels.length / most)
  const longest = Math.ceil(panels.length / count)
  return Array.from({ length: count }, (_, index) => panels.slice(index * longest, (index + 1) * longest))
}

function shown(panel: Panel, gridPos: object): object {
  const { title, about, kind = 'timeseries' } = panel
  return {
    type: kind,
    title,
    description: about,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: { defaults: { ...defaultsOf(panel), ...customOf[kind](panel) }, overrides: [] },
    ...settingsOf[kind](panel),
    targets: targetsOf(panel),
  }
}

function defaultsOf({ unit, steps }: Panel): object {
  return {
    unit,
    // pods and CSRs are counted: the axis shows whole numbers
    ...(unit === 'short' && { decimals: 0 }),
    ...(steps && { thresholds: { mode: 'absolute', steps } }),
  }
}

type ByKind = Readonly<Record<'timeseries' | 'stat' | 'table', (panel: Panel) => object>>

const customOf: ByKind = {
  timeseries: ({ steps }) => ({
    min: 0,
    custom: { fillOpacity: 10, ...(steps && { thresholdsStyle: { mode: 'dashed' } }) },
  }),
  stat: ({ steps }) => (steps ? { color: { mode: 'thresholds' } } : {}),
  table: () => ({}),
}

const settingsOf: ByKind = {
  timeseries: () => ({
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
  }),
  stat: ({ steps }) => ({
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      colorMode: steps ? 'background' : 'none',
      graphMode: 'none',
      textMode: 'value',
    },
  }),
  table: ({ queries }) => ({
    options: { showHeader: true, cellHeight: 'sm' },
    transformations: [
      {
        id: 'organize',
        options: { excludeByName: { Time: true }, renameByName: { Value: Object.keys(queries)[0] } },
      },
    ],
  }),
}

/** What is not a line over time asks for the latest values only. */
function targetsOf({ queries, kind }: Panel): readonly object[] {
  return Object.entries(queries).map(([legendFormat, expr], index) => ({
    refId: String.fromCodePoint(0x41 + index),
    datasource: DATASOURCE,
    expr,
    legendFormat,
    ...(kind && { instant: true, range: false }),
    ...(kind === 'table' && { format: 'table' }),
  }))
}
