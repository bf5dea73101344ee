import type { Generated } from './chart-docs.ts'
import { type Panel, rows } from './dashboard-panels.ts'

/** Grafana's grid is 24 wide; four panels a line. */
const COLUMNS = 24
const WIDTH = COLUMNS / 4
const HEIGHT = 7

interface Place {
  readonly x: number
  readonly y: number
}

/** What `npm run docs` writes of the dashboard: Grafana's own format. */
export function dashboard(): Generated {
  const content = `${JSON.stringify(dashboardJson(), null, 2)}\n`
  return { path: 'charts/kubelet-csr-gate/monitoring/dashboard.json', content }
}

function dashboardJson(): object {
  return {
    title: 'kubelet-csr-gate',
    uid: 'kubelet-csr-gate',
    description: 'Made by `npm run docs` from build/dashboard-panels.ts.',
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

function placed(): readonly object[] {
  const all: object[] = []
  let y = 0
  for (const [title, panels] of Object.entries(rows)) {
    all.push({ id: all.length + 1, type: 'row', title, gridPos: { x: 0, y, w: COLUMNS, h: 1 }, panels: [] })
    y += 1
    for (const [index, panel] of panels.entries()) {
      const place = { x: (index * WIDTH) % COLUMNS, y: y + HEIGHT * Math.floor((index * WIDTH) / COLUMNS) }
      all.push(timeSeries(all.length + 1, panel, place))
    }
    y += HEIGHT * Math.ceil((panels.length * WIDTH) / COLUMNS)
  }
  return all
}

function timeSeries(id: number, { title, unit, about, queries }: Panel, place: Place): object {
  const datasource = { type: 'prometheus', uid: '${datasource}' }
  return {
    id,
    type: 'timeseries',
    title,
    description: about,
    datasource,
    gridPos: { ...place, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 10 } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCodePoint(0x41 + index),
      datasource,
      expr,
      legendFormat: legend,
    })),
  }
}
