import type { Belonging } from '../../policies/belonging.ts'
import { shown, utc } from '../../policies/text.ts'
import type { Opinion } from '../../server/explain.ts'
import { lookedWords } from '../cluster/looking.ts'
import type { Output } from '../context.ts'
import { type Labelled, labelled } from '../output/labelled.ts'
import { styled, type Tone } from '../output/style.ts'
import { type Cell, table } from '../output/table.ts'
import { whyTones } from '../output/why.ts'
import { belongingsIn, type Explained, type Row, rowsOf, todoOf } from './result.ts'

const tones: Readonly<Record<NonNullable<Row['webhook']>, Tone>> = {
  pass: 'good',
  violation: 'bad',
  notYet: 'warning',
  unknown: 'warning',
  skipped: 'faint',
  error: 'bad',
}

const actions: Readonly<Record<Opinion['action'], string>> = {
  allowed: 'allows it at creation',
  warned: 'allows it with a warning, which grants nothing',
  refused: 'refuses it at creation',
  approved: 'approves it',
  denied: 'denies it',
  left: 'leaves it pending',
}

const columns = [
  { title: 'CHECK' },
  { title: 'WEBHOOK' },
  { title: 'CONTROLLER' },
  { title: 'SAW', cut: 'end' },
  { title: 'REQUIRES', cut: 'end' },
] as const

const belongsColumns = [
  { title: 'NAME OR ADDRESS', cut: 'middle' },
  { title: 'WHY', cut: 'end' },
] as const

/** The explanation for people: the verdict, and the checks that failed; every check if `wide`. */
export function textOf(explained: Explained, output: Output, wide: boolean): string {
  const rows = rowsOf(explained)
  const failed = rows.filter(({ webhook, controller }) => isFailing(webhook) || isFailing(controller))
  const parts = [
    heading(explained, output),
    belongsTable(belongingsIn(explained), output),
    ...failed.map((row) => details(row, output)),
    wide ? checksTable(rows, output) : passedLine(rows.length - failed.length, rows.length),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function belongsTable(belongings: readonly Belonging[], output: Output): string {
  const rows = belongings.map(({ value, words, why }): Cell[] => [
    value,
    { text: words, tone: whyTones[why] },
  ])
  return rows.length === 0 ? '' : table(belongsColumns, rows, output)
}

function checksTable(rows: readonly Row[], output: Output): string {
  if (rows.length === 0) return ''
  const cells = rows.map((row): Cell[] => [
    row.code,
    outcomeCell(row.webhook),
    outcomeCell(row.controller),
    row.saw,
    row.requires,
  ])
  return table(columns, cells, output)
}

function passedLine(passed: number, all: number): string {
  if (all === 0) return ''
  const words = passed === all ? 'No check failed' : `The other ${passed} checks did not fail`
  return `${words}. -o wide shows all ${all}.\n`
}

function outcomeCell(outcome: Row['webhook']): Cell {
  return outcome === null ? { text: '-', tone: 'faint' } : { text: outcome, tone: tones[outcome] }
}

function isFailing(outcome: Row['webhook']): boolean {
  return outcome !== null && outcome !== 'pass' && outcome !== 'skipped'
}

function heading(explained: Explained, output: Output): string {
  const { subject, policy, looking, alone, explanation } = explained
  const { csr } = subject.reading
  const { webhook, controller } = explanation
  const { verdict, message } = controller.decision
  const again = !alone && subject.state !== 'pending'
  const created = alone ? 'from a file' : `created ${utc(csr.createdAt)}, ${subject.state}`
  const lines: Labelled[] = [
    ['verdict', `${verdict}: ${message}`, verdict === 'approve' ? 'good' : 'bad'],
    ['CSR', `${shown(csr.name)} of ${shown(csr.requester.username)}, ${created}`],
    ...(subject.decidedBy === '' ? [] : [['decided', subject.decidedBy] as const]),
    ...(again ? [['judged', 'as if the same request was made now'] as const] : []),
    ...subject.assumed.map((assumption) => ['assumed', assumption] as const),
    ['webhook', actions[webhook.action]],
    ['controller', actions[controller.action]],
    ...todoOf(explained).map((todo) => ['to do', todo] as const),
    ['policy', `${policy.source}, hash ${policy.rules.hash}, mode ${policy.rules.settings.mode}`],
    ...(alone ? [] : [['looked', lookedWords(looking)] as const]),
  ]
  return lines.map((line) => labelled(line, output)).join('')
}

function details({ code, saw, requires, source }: Row, output: Output): string {
  const lines: Labelled[] = [
    ['  saw', saw],
    ['  requires', requires],
    ['  source', source.replaceAll('§', 'section ')],
  ]
  return `${styled(code, 'strong', output)}\n${lines.map((line) => labelled(line, output)).join('')}`
}
