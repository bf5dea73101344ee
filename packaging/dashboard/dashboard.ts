import type { Generated } from '../docs/chart-docs.ts'
import type { Panel } from './panel.ts'
import { rows } from './panels.ts'

/** Grafana's grid is 24 wide. Lines have at most four panels, and no gap. */
const COLUMNS = 24
const LINE_MAX = 4
const HEIGHT = 7

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
    templating: {
      list: [{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', hide: 0 }],
    },
    panels: placed().map((each, index) => ({ id: index + 1, ...each })),
  }
  return {
    path: 'charts/kubelet-csr-gate/monitoring/dashboard.json',
    content: `${JSON.stringify(content, null, 2)}\n`,
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
      all.push(...line.map((panel, at) => timeSeries(panel, { x: at * w, y, w, h: HEIGHT })))
      y += HEIGHT
    }
  }
  return all
}

/** As few lines as possible, all of the same length except the last. */
function linesOf(panels: readonly Panel[]): readonly (readonly Panel[])[] {
  const count = Math.ceil(panels.length / LINE_MAX)
  const longest = Math.ceil(panels.length / count)
  return Array.from({ length: count }, (_, index) => panels.slice(index * longest, (index + 1) * longest))
}

function timeSeries({ title, about, unit, steps, queries }: Panel, gridPos: object): object {
  const defaults = {
    unit,
    // pods and CSRs are counted: the axis shows whole numbers
    ...(unit === 'short' && { decimals: 0 }),
    min: 0,
    ...(steps && { thresholds: { mode: 'absolute', steps } }),
    custom: { fillOpacity: 10, ...(steps && { thresholdsStyle: { mode: 'dashed' } }) },
  }
  return {
    type: 'timeseries',
    title,
    description: about,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: { defaults, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: Object.entries(queries).map(([legendFormat, expr], index) => ({
      refId: String.fromCodePoint(0x41 + index),
      datasource: DATASOURCE,
      expr,
      legendFormat,
    })),
  }
}
