/** What the panels of the dashboard show of a run. */
import type { Target, TimeSeries } from '../../../packaging/dashboard/grafana.ts'
import type { Range, Series } from './range-query.ts'
import type { Scraper } from './scraper.ts'

export interface Curve {
  readonly legend: string
  /** One a step; null where there is nothing to show. */
  readonly values: readonly (number | null)[]
}

export interface Reading {
  readonly panel: TimeSeries
  /** By query. */
  readonly curves: ReadonlyMap<Target, readonly Curve[]>
}

export async function readPanels(
  panels: readonly TimeSeries[],
  scraper: Pick<Scraper, 'range'>,
  range: Range,
): Promise<readonly Reading[]> {
  return await Promise.all(
    panels.map(async (panel) => {
      const answers = panel.targets.map(async (target) => {
        const series = await scraper.range(target.expr, range)
        return [target, series.map((each) => curveOf(target, each, range))] as const
      })
      return { panel, curves: new Map(await Promise.all(answers)) }
    }),
  )
}

/** What a dashboard must not have: queries without any value, and panels that show nothing but 0. */
export function faultsOf(readings: readonly Reading[]): readonly string[] {
  return readings.flatMap(({ panel, curves }) => {
    const empty = [...curves]
      .filter(([, drawn]) => !drawn.some(({ values }) => values.some((value) => value !== null)))
      .map(([{ expr }]) => `${panel.title}: no data: ${expr}`)
    if (empty.length > 0) return empty
    const values = [...curves.values()].flat().flatMap((curve) => curve.values)
    return values.some((value) => value !== null && value !== 0) ? [] : [`${panel.title}: nothing but 0`]
  })
}

function curveOf({ legendFormat }: Target, { labels, values }: Series, { start, end, step }: Range): Curve {
  const count = Math.floor((end - start) / step) + 1
  return {
    legend: legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '').trim(),
    values: Array.from({ length: count }, (_, at) => values.get(start + at * step) ?? null),
  }
}
