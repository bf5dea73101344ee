import { oneLine, shown, utc } from '../../policies/text.ts'
import type { Opinion } from '../../server/explain.ts'
import type { Output } from '../context.ts'
import { styled, type Tone } from '../output/style.ts'
import { type Cell, table } from '../output/table.ts'
import { type Explained, type Row, rowsOf, todoOf } from './result.ts'

const MESSAGE_MAX = 1_024

const tones: Readonly<Record<NonNullable<Row['webhook']>, Tone>> = {
  pass: 'good',
  violation: 'bad',
  notYet: 'warning',
  unknown: 'warning',
  skipped: 'faint',
  error: 'bad',
}

const actions: Readonly<Record<Opinion['action'], string>> = {
  allowed: 'allows it',
  warned: 'allows it with a warning, which grants nothing',
  refused: 'refuses it',
  approved: 'approves it',
  denied: 'denies it',
  left: 'leaves it Pending',
}

const columns = [
  { title: 'CHECK' },
  { title: 'WEBHOOK' },
  { title: 'CONTROLLER' },
  { title: 'SAW', cut: 'end' },
  { title: 'REQUIRES', cut: 'end' },
] as const

/** The explanation for people. */
export function textOf(explained: Explained, output: Output): string {
  const rows = rowsOf(explained)
  const checks = rows.map((row): Cell[] => [
    row.code,
    outcomeCell(row.webhook),
    outcomeCell(row.controller),
    row.saw,
    row.requires,
  ])
  const failing = rows.filter(({ webhook, controller }) => isFailing(webhook) || isFailing(controller))
  const parts = [
    heading(explained),
    rows.length === 0 ? '' : table(columns, checks, output),
    failing.map((row) => details(row, output)).join('\n'),
    decisions(explained, output),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function outcomeCell(outcome: Row['webhook']): Cell {
  return outcome === null ? { text: '-', tone: 'faint' } : { text: outcome, tone: tones[outcome] }
}

function isFailing(outcome: Row['webhook']): boolean {
  return outcome !== null && outcome !== 'pass' && outcome !== 'skipped'
}

function heading({ subject, policy, alone }: Explained): string {
  const { csr } = subject.reading
  const asked = alone
    ? 'from a file, judged as if it was created now'
    : `created ${utc(csr.createdAt)}, ${subject.state}`
  const decided = subject.decidedBy === '' ? [] : [`decided  ${oneLine(subject.decidedBy, MESSAGE_MAX)}`]
  const again = alone || subject.state === 'pending' ? [] : ['judged   as if the same request was made now']
  const assumed = subject.assumed.map((assumption) => `assumed  ${assumption}`)
  const lines = [
    `CSR      ${shown(csr.name)} of ${shown(csr.requester.username)}, ${asked}`,
    ...decided,
    ...again,
    ...assumed,
    `policy   ${oneLine(policy.source, MESSAGE_MAX)}, hash ${policy.rules.hash}, mode ${policy.rules.settings.mode}`,
  ]
  return `${lines.join('\n')}\n`
}

function details({ code, saw, requires, source }: Row, output: Output): string {
  const title = styled(code, 'strong', output)
  return `${title}\n  saw       ${saw}\n  requires  ${oneLine(requires, MESSAGE_MAX)}\n  source    ${oneLine(source, MESSAGE_MAX)}\n`
}

function decisions(explained: Explained, output: Output): string {
  const { webhook, controller } = explained.explanation
  const line = (name: string, { decision, action }: Opinion): string => {
    const tone = decision.verdict === 'approve' ? 'good' : 'bad'
    return `${name} ${styled(decision.verdict, tone, output)}: it ${actions[action]}. ${oneLine(decision.message, MESSAGE_MAX)}\n`
  }
  const todo = todoOf(explained).map((text) => `to do       ${oneLine(text, MESSAGE_MAX + 100)}\n`)
  return [line('webhook    ', webhook), line('controller ', controller), ...todo].join('')
}
