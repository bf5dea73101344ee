/** Changes of the source of ownership, each of which a model that is worth its time notices. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Mutation {
  readonly file: string
  readonly line: number
  readonly what: string
  readonly before: string
  readonly after: string
}

/** Changes that change nothing that can be told: the line as changed, and why. */
const equivalent: Readonly<Record<string, string>> = {
  'if (before !== undefined || after === undefined) this.#leave(before.name, now)':
    'since when a Node is gone is asked of Nodes that are gone only, whose last change is that they went',
  'if (text.length <= (goneMaxBytes - 1) || gone.length === 0) return { content, text }':
    'a text of just this size is none too long: nothing is taken from it',
}

/** Why a change cannot be told; undefined where it can. */
export function whyEquivalent({ after }: Pick<Mutation, 'after'>): string | undefined {
  return equivalent[after.trim()]
}

/** The text of a file, with one line changed. */
export function withLine(source: string, { line, after }: Pick<Mutation, 'line' | 'after'>): string {
  return source
    .split('\n')
    .with(line - 1, after)
    .join('\n')
}

const files = [
  'policies/ownership.ts',
  'policies/ownership-case.ts',
  'policies/rivals.ts',
  'policies/waiting.ts',
  'policies/seen.ts',
  'policies/dialling.ts',
  'policies/proof.ts',
  'policies/checks/addresses-are-proven.ts',
  'server/facts/holdings.ts',
  'server/facts/claims.ts',
  'server/facts/grants.ts',
  'server/facts/arrivals.ts',
  'server/ledger/record.ts',
  'server/ledger/writer.ts',
  'server/probe/results.ts',
  'server/probe/reach.ts',
  'server/probe/prober.ts',
]

interface Rule {
  readonly what: string
  readonly pattern: RegExp
  readonly turned: (found: string) => string
}

const opposite: Readonly<Record<string, string>> = {
  ' >= ': ' < ',
  ' > ': ' <= ',
  ' <= ': ' > ',
  ' < ': ' >= ',
  ' === ': ' !== ',
  ' !== ': ' === ',
  ' && ': ' || ',
  ' || ': ' && ',
}
const COUNTS = 'unprovenMax|elsewhereMax|externalMax|callMax|earlierMax|goneMaxBytes|sampleMin|sample'
const TIMES =
  'goneAfterMs|servedWithinMs|youngerMs|gapMs|networkMs|unprovenForgottenMs|reportedForMs|waitingMs|newAtStartMs'
const limit = (names: string): RegExp => new RegExp(`(?<=[<>]=? |- |\\(0, )[\\w.#]*\\b(?:${names})\\b`, 'gu')

const rules: readonly Rule[] = [
  { what: 'without the row', pattern: /^ {2}(?:\{ verdict: .*\}|\.\.\.\w+Rows),$/gu, turned: () => '' },
  {
    what: 'turned',
    pattern: / (?:>=|>|<=|<|===|!==|&&|\|\|) /gu,
    turned: (operator) => opposite[operator] ?? operator,
  },
  { what: 'one more', pattern: limit(COUNTS), turned: (name) => `(${name} + 1)` },
  { what: 'one less', pattern: limit(COUNTS), turned: (name) => `(${name} - 1)` },
  { what: 'a period more', pattern: limit(TIMES), turned: (name) => `(${name} + 1_000_000)` },
  { what: 'a period less', pattern: limit(TIMES), turned: (name) => `(${name} - 1_000_000)` },
]

/** All of the files that there are; rows of the tables first. */
export function mutationsOf(root: string): readonly Mutation[] {
  const all = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((text, index) => mutationsOfLine(file, text, index + 1)),
  )
  return all.toSorted((one, other) => Number(other.after === '') - Number(one.after === ''))
}

function mutationsOfLine(file: string, text: string, line: number): Mutation[] {
  if (/^\s*(?:\/\/|\/?\*|import |export type |\| )/u.test(text)) return []
  return rules.flatMap(({ what, pattern, turned }) =>
    [...text.matchAll(pattern)].map(({ 0: found, index }) => {
      const after = `${text.slice(0, index)}${turned(found)}${text.slice(index + found.length)}`
      return { file, line, what, before: text.trim(), after }
    }),
  )
}
