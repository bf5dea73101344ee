/** Writes the results into the pages that show them: node test/suite/score/docs.ts */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Result } from '../schema.ts'
import { cellsOf, HEAD } from './table.ts'

const RESULTS = join(import.meta.dirname, '..', 'results')
const DOCS = join(import.meta.dirname, '..', '..', '..', 'docs')
/** The columns of each page: all, or those that a reader compares. */
export const PAGES: readonly { readonly path: string; readonly columns: number }[] = [
  { path: join(DOCS, 'suite.md'), columns: HEAD.length },
  { path: join(DOCS, 'comparison.md'), columns: 7 },
]
const TABLE = /(?<=<!-- results -->\n)[^]*(?=<!-- \/results -->)/u

/** The page with the table of all results in it. */
export function withResults(page: string, columns: number): string {
  const results = readdirSync(RESULTS)
    .sort()
    .map((name): Result => JSON.parse(readFileSync(join(RESULTS, name), 'utf8')))
  const rows = [HEAD, HEAD.map(() => '---'), ...results.map(cellsOf)].map((cells) => cells.slice(0, columns))
  return page.replace(TABLE, () => `${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`)
}

if (import.meta.main) {
  for (const { path, columns } of PAGES) writeFileSync(path, withResults(readFileSync(path, 'utf8'), columns))
}
