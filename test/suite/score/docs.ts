/** Writes the results into the page about the suite: node test/suite/score/docs.ts */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Result } from '../schema.ts'
import { cellsOf, HEAD } from './table.ts'

const RESULTS = join(import.meta.dirname, '..', 'results')
export const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'suite.md')
const TABLE = /(?<=<!-- results -->\n)[^]*(?=<!-- \/results -->)/u

/** The page with the table of all results in it. */
export function withResults(page: string): string {
  const results = readdirSync(RESULTS)
    .sort()
    .map((name): Result => JSON.parse(readFileSync(join(RESULTS, name), 'utf8')))
  const rows = [HEAD, HEAD.map(() => '---'), ...results.map(cellsOf)]
  return page.replace(TABLE, () => `${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`)
}

if (import.meta.main) writeFileSync(PAGE, withResults(readFileSync(PAGE, 'utf8')))
