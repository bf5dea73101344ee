import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CHART } from './helm.ts'
import type { Query } from './prometheus.ts'

/** A panel of the dashboard, in Grafana's own format. */
export interface Panel {
  readonly title: string
  readonly type: 'row' | 'timeseries'
  readonly targets: readonly { readonly expr: string }[]
  readonly fieldConfig: {
    readonly defaults: {
      readonly thresholds?: { readonly steps: readonly { readonly value: number | null }[] }
    }
  }
}

export const dashboardJson = await readFile(join(CHART, 'monitoring', 'dashboard.json'), 'utf8')

/** The panels of the generated dashboard, without its rows. */
export const panels: readonly Panel[] = panelsIn(dashboardJson)

export function panelsIn(json: string): readonly Panel[] {
  const { panels: all }: { panels: readonly Panel[] } = JSON.parse(json)
  return all.filter(({ type }) => type === 'timeseries')
}

/**
 * Asks for everything that the panels show of the last seconds.
 * @returns queries without any value, and panels with no value other than 0, a line each
 */
export async function emptyPanels(
  shown: readonly Pick<Panel, 'title' | 'targets'>[],
  query: Query,
  seconds: number,
): Promise<readonly string[]> {
  const lines = shown.map(async ({ title, targets }) => {
    // four scrapes, as Grafana computes it
    const exprs = targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '4s'))
    const highest = await Promise.all(exprs.map((expr) => query(`max_over_time((${expr})[${seconds}s:1s])`)))
    // a quantile of nothing is NaN
    const values = highest.map((series) => series.filter((value) => value !== 'NaN'))
    const empty = exprs.filter((_, index) => values[index]?.length === 0)
    if (empty.length > 0) return empty.map((expr) => `${title}: no data: ${expr}`)
    return values.flat().every((value) => value === '0') ? [`${title}: nothing but 0`] : []
  })
  return (await Promise.all(lines)).flat()
}
