import type { Generated } from '../docs/chart-docs.ts'
import { rows } from './panels.ts'
import type { FieldDefaults, GridPosition, Row, Step, TimeSeries } from './grafana.ts'
import type { Limits, Panel } from './panel.ts'

/** Grafana's grid is 24 wide; at most four panels a line, and no line with a hole. */
const COLUMNS = 24
const LINE_MAX = 4
const HEIGHT = 7

/** What `npm run docs` writes of the dashboard: Grafana's own format. */
export function dashboard(): Generated {
  const content = `${JSON.stringify(dashboardJson(), null, 2)}\n`
  return { path: 'charts/kubelet-csr-gate/monitoring/dashboard.json', content }
}

function dashboardJson(): object {
  return {
    title: 'kubelet-csr-gate',
    uid: 'kubelet-csr-gate',
    description: 'Made by `npm run docs` from packaging/dashboard/panels.ts.',
    tags: ['kubernetes', 'certificates'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', hide: 0 }],
    },
    panels: placed(),
  }
}

/** Rows and panels, each where it is on the grid. */
export function placed(): readonly (Row | TimeSeries)[] {
  const all: (Row | TimeSeries)[] = []
  let y = 0
  for (const [title, panels] of Object.entries(rows)) {
    all.push({ id: all.length + 1, type: 'row', title, gridPos: { x: 0, y, w: COLUMNS, h: 1 }, panels: [] })
    y += 1
    for (const line of linesOf(panels)) {
      const w = COLUMNS / line.length
      for (const [index, panel] of line.entries()) {
        all.push(timeSeries(all.length + 1, panel, { x: index * w, y, w, h: HEIGHT }))
      }
      y += HEIGHT
    }
  }
  return all
}

/** As few lines as need be, and all as long but for the last. */
function linesOf(panels: readonly Panel[]): readonly (readonly Panel[])[] {
  const count = Math.ceil(panels.length / LINE_MAX)
  const longest = Math.ceil(panels.length / count)
  return Array.from({ length: count }, (_, index) => panels.slice(index * longest, (index + 1) * longest))
}

function timeSeries(id: number, panel: Panel, gridPos: GridPosition): TimeSeries {
  const datasource = { type: 'prometheus', uid: '${datasource}' }
  return {
    id,
    type: 'timeseries',
    title: panel.title,
    description: panel.about,
    datasource,
    gridPos,
    fieldConfig: { defaults: fieldDefaults(panel), overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: panel.queries.map(({ expr, legend }, index) => ({
      refId: String.fromCodePoint(0x41 + index),
      datasource,
      expr,
      legendFormat: legend,
    })),
  }
}

function fieldDefaults({ unit, limits }: Panel): FieldDefaults {
  return {
    unit,
    // Pods and CSRs are counted: the axis shows no component of one.
    ...(unit === 'short' && { decimals: 0 }),
    min: 0,
    ...(limits && { thresholds: { mode: 'absolute', steps: stepsOf(limits) } }),
    custom: { fillOpacity: 10, ...(limits && { thresholdsStyle: { mode: 'dashed' } }) },
  }
}

function stepsOf({ good, warning, critical }: Limits): readonly Step[] {
  const limits: Step[] = [{ color: 'orange', value: warning }]
  if (critical !== undefined) limits.push({ color: 'red', value: critical })
  if (good === 'below') return [{ color: 'green', value: null }, ...limits]
  // Where more is better, what is above a limit has the colour of the next better one.
  const [worst = limits[0], ...better] = limits.toReversed()
  const rising = limits
    .toReversed()
    .map(({ value }, index) => ({ color: better[index]?.color ?? 'green', value }))
  return [{ color: worst?.color ?? 'red', value: null }, ...rising]
}
