import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { placed } from '../../../packaging/dashboard/dashboard.ts'
import type { TimeSeries } from '../../../packaging/dashboard/grafana.ts'
import { legendLines } from './layout.ts'
import { draw, type Pictured } from './picture.ts'

const grid = placed()
const panels = grid.filter((each) => each.type === 'timeseries')
const rows = grid.filter((each) => each.type === 'row')

/** Every query has a curve of these values. */
function picturedWith(...values: readonly (number | null)[]): Pictured {
  const curvesOf = ({ targets }: TimeSeries) =>
    new Map(targets.map((target) => [target, [{ legend: `${target.legendFormat} & more`, values }]]))
  const readings = panels.map((panel) => ({ panel, curves: curvesOf(panel) }))
  return { rows, readings, seconds: 10, step: 2, told: [{ title: 'it rains', at: 4 }] }
}

/** As XML writes it. */
const text = (plain: string): string => `>${plain.replaceAll('&', '&amp;')}</text>`

test('every row and panel has its title, every curve its legend, every event its letter', () => {
  const svg = draw(picturedWith(1, 2, 3))
  const titles = [...rows, ...panels].map(({ title }) => title)
  const legends = panels.flatMap(({ targets }) => targets.map(({ legendFormat }) => `${legendFormat} & more`))
  for (const said of [...titles, ...legends, 'A 0:04 it rains', 'A'])
    assert.ok(svg.includes(text(said)), said)
})

test('a gap stays a gap', () => {
  const movesOf = (svg: string): number => svg.match(/M/g)?.length ?? 0
  const whole = movesOf(draw(picturedWith(1, 2, 2, 1, 2)))
  assert.ok(movesOf(draw(picturedWith(1, 2, null, 1, 2))) > whole)
})

test('a value between gaps is a dot', () => {
  const arcs = (svg: string): number => svg.match(/ d="M1 0A1 1 /g)?.length ?? 0
  assert.equal(arcs(draw(picturedWith(1, 2, 2))), 0)
  assert.ok(arcs(draw(picturedWith(null, 2, null))) >= panels.length)
})

test('a limit is drawn once the curve reaches it', () => {
  const dashed = (svg: string): number => svg.match(/stroke-dasharray="6,4"/g)?.length ?? 0
  assert.equal(dashed(draw(picturedWith(0.01, 0.02))), 0)
  assert.ok(dashed(draw(picturedWith(0.1, 1_000))) > 0)
})

test('a legend that is too long goes on in another line', () => {
  assert.deepEqual(legendLines(['one', 'two'], 200), [['one', 'two']])
  assert.deepEqual(legendLines(['one', 'two'], 60), [['one'], ['two']])
  assert.deepEqual(legendLines(['1.0 longer than there is room'], 60), [['1.0 longer than there is room']])
  // What makes a name unique is not shown, and takes no room.
  assert.deepEqual(legendLines(['1.000000000000 one', '1.1 two'], 200), [['1.000000000000 one', '1.1 two']])
})

test('the picture in the docs shows the dashboard of today, and is small: npm run dashboard', async () => {
  const svg = await readFile(join(import.meta.dirname, '../../../docs/dashboard.svg'), 'utf8')
  for (const { title } of [...rows, ...panels]) assert.ok(svg.includes(text(title)), title)
  assert.ok(svg.length < 400 * 1024, `${svg.length} bytes`)
})
