import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CHART } from './helm.ts'
import type { Query } from './prometheus.ts'

/** A panel of the dashboard, in Grafana's own format. */
export interface Panel {
  readonly title: string
  readonly id: number
  readonly type: 'row' | 'timeseries' | 'stat' | 'table'
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
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
  return all.filter(({ type }) => type !== 'row')
}

/**
 * What Grafana asks for: `All` of each variable, four scrapes for a rate, and the range that is shown.
 * @param range such as `20s`
 */
export function asked(expr: string, range: string): string {
  return expr
    .replaceAll('$__rate_interval', '4s')
    .replaceAll('$__range', range)
    .replaceAll('"$cluster"', '".*"')
    .replaceAll('"$namespace"', '".*"')
    .replaceAll('"$job"', '"(kubelet-csr-gate)"')
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
    const exprs = targets.map(({ expr }) => asked(expr, `${seconds}s`))
    const highest = await Promise.all(exprs.map((expr) => query(`max_over_time((${expr})[${seconds}s:1s])`)))
    // a quantile of nothing is NaN
    const values = highest.map((series) => series.filter((value) => value !== 'NaN'))
    const empty = exprs.filter((_, index) => values[index]?.length === 0)
    if (empty.length > 0) return empty.map((expr) => `${title}: no data: ${expr}`)
    return values.flat().every((value) => value === '0') ? [`${title}: nothing but 0`] : []
  })
  return (await Promise.all(lines)).flat()
}
