/** Systematic changes: each rule wherever it fits in a line of code. Text in quotes stays as it is. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Change, ofLine, root } from './change.ts'

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
const shifted: Readonly<Record<string, string>> = {
  ' >= ': ' > ',
  ' > ': ' >= ',
  ' <= ': ' < ',
  ' < ': ' <= ',
}
const swapped: Readonly<Record<string, string>> = {
  true: 'false',
  false: 'true',
  '.some(': '.every(',
  '.every(': '.some(',
  ' + ': ' - ',
  ' - ': ' + ',
}

const turned: Rule = {
  what: 'turned',
  pattern: / (?:>=|>|<=|<|===|!==|&&|\|\|) /gu,
  turned: (operator) => opposite[operator] ?? operator,
}
const swap = (what: string, pattern: RegExp): Rule => ({
  what,
  pattern,
  turned: (found) => swapped[found] ?? found,
})

/** In its parentheses, which are nested at most twice more. */
const CONDITION = /(?<=\b(?:if|while) \()(?:[^()]|\((?:[^()]|\([^()]*\))*\))+(?=\))/gu

/** Of any code. */
const general: readonly Rule[] = [
  turned,
  { what: 'off by one', pattern: / (?:>=|>|<=|<) /gu, turned: (operator) => shifted[operator] ?? operator },
  { what: 'negated', pattern: CONDITION, turned: (condition) => `!(${condition})` },
  { what: 'negated', pattern: /(?<![=!])!(?=[\w(])/gu, turned: () => '' },
  swap('constant', /\b(?:true|false)\b/gu),
  swap('some, every', /\.(?:some|every)\(/gu),
  swap('arithmetic', / [+-] /gu),
  { what: 'without the step', pattern: /^ +if \(.+\) (?:return|continue|throw)\b.*$/gu, turned: () => '' },
  { what: 'without the step', pattern: /^ +(?:await )?[\w.#]+\(.*\)$/gu, turned: () => '' },
  { what: 'without the step', pattern: /^ +[\w.#[\]]+ (?:[-+|&]|\?\?|\|\|)?= .+$/gu, turned: () => '' },
  {
    what: 'returns nothing',
    pattern: /(?<=\breturn )(?!undefined|null$|false$).+$/gu,
    turned: () => 'undefined',
  },
  {
    what: 'without the entry',
    pattern: /^ +(?:\.\.\.)?(?:[\w.#]+|\{ .* \}|\[.*\]|'.*'),$/gu,
    turned: () => '',
  },
]

const COUNTS = 'unprovenMax|elsewhereMax|externalMax|callMax|earlierMax|goneMaxBytes|sampleMin|sample'
const TIMES =
  'goneAfterMs|servedWithinMs|youngerMs|gapMs|networkMs|unprovenForgottenMs|reportedForMs|waitingMs|newAtStartMs'
const limit = (names: string): RegExp => new RegExp(`(?<=[<>]=? |- |\\(0, )[\\w.#]*\\b(?:${names})\\b`, 'gu')

/** Of what decides whose a name or address is: its tables and limits. */
const ofTables: readonly Rule[] = [
  { what: 'without the row', pattern: /^ {2}(?:\{ verdict: .*\}|\.\.\.\w+Rows),$/gu, turned: () => '' },
  turned,
  { what: 'one more', pattern: limit(COUNTS), turned: (name) => `(${name} + 1)` },
  { what: 'one less', pattern: limit(COUNTS), turned: (name) => `(${name} - 1)` },
  { what: 'a period more', pattern: limit(TIMES), turned: (name) => `(${name} + 1_000_000)` },
  { what: 'a period less', pattern: limit(TIMES), turned: (name) => `(${name} - 1_000_000)` },
]

const ownershipFiles = [
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

/** Rows of the tables first. */
export function ofOwnership(): readonly Change[] {
  const all = ownershipFiles.flatMap((file) => changesOf(file, ofTables))
  return all.toSorted((one, other) => Number(isRow(other)) - Number(isRow(one)))
}

const isRow = ({ what }: Change): boolean => what === 'without the row'

/** The checks, the judge, and the reader of requests. */
export function ofJudgement(): readonly Change[] {
  return globSync(
    '{policies/**/*,server/judge,server/pkcs10/*,server/der/{content,faults,pem,read,tags}}.ts',
    { cwd: root },
  )
    .filter((file) => !/\.(?:test|proof|fixture|d)\.ts$/u.test(file))
    .toSorted()
    .flatMap((file) => changesOf(file, general))
}

function changesOf(file: string, rules: readonly Rule[]): Change[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  return lines.flatMap((text, index) => changesOfLine({ file, index, text }, rules))
}

interface Line {
  readonly file: string
  readonly index: number
  readonly text: string
}

function changesOfLine({ file, index, text }: Line, rules: readonly Rule[]): Change[] {
  if (/^\s*(?:\/\/|\/?\*|import |export (?:type|interface) |\| )/u.test(text)) return []
  const code = withoutText(text)
  return rules.flatMap(({ what, pattern, turned: turn }) =>
    [...code.matchAll(pattern)].map(({ 0: found, index: at }) => {
      const end = at + found.length
      const after = text.slice(0, at) + turn(text.slice(at, end)) + text.slice(end)
      return ofLine(file, index, after.trimEnd(), what)
    }),
  )
}

const TEXT =
  /'(?:[^'\\]|\\.)*'|`[^`]*`|(?<=(?:[(,=:[?]|return) ?)\/(?:[^/\\]|\\.)+\/[a-z]+|\/\/.*$|\/\*.*?\*\//gu

/** Of the same length. */
function withoutText(line: string): string {
  return line.replaceAll(
    TEXT,
    (text) => `${text[0]}${'_'.repeat(Math.max(text.length - 2, 0))}${text.at(-1)}`,
  )
}
