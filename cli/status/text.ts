import type { Output } from '../context.ts'
import type { Standing } from '../diagnose/diagnose.ts'
import type { CsrFacts, Serving } from '../diagnose/facts.ts'
import { fixesOf } from '../diagnose/fixes.ts'
import { age } from '../output/age.ts'
import { styled, type Tone } from '../output/style.ts'
import { type Cell, table } from '../output/table.ts'
import { whyTones } from '../output/why.ts'
import type { Belongings } from './belongs.ts'
import { daysLeft, summaryOf } from './result.ts'

const columns = [
  { title: 'NODE', cut: 'middle' },
  { title: 'READY' },
  { title: 'CSR' },
  { title: 'AGE', align: 'right' },
  { title: 'SERVING' },
  { title: 'DAYS', align: 'right' },
  { title: 'FINDING' },
] as const

const wideColumns = [
  ...columns,
  { title: 'NAME' },
  { title: 'ADDRESS' },
  { title: 'EVIDENCE', cut: 'end' },
] as const

/** The words are those of the JSON and of the docs. */
export const servingTones: Readonly<Record<Serving, Tone>> = {
  yes: 'good',
  noCertificate: 'bad',
  selfMade: 'bad',
  otherCa: 'bad',
  otherNode: 'bad',
  expired: 'bad',
  notVisible: 'warning',
  unknown: 'faint',
}

export const stateTones: Readonly<Record<CsrFacts['state'], Tone>> = {
  pending: 'warning',
  approved: 'warning',
  issued: 'good',
  denied: 'bad',
  failed: 'bad',
}

/** A row per node, the commands that fix what is wrong, and a line about all. */
export function textOf(standings: readonly Standing[], now: number, output: Output, wide: boolean): string {
  if (standings.length === 0) return 'No Nodes found.\n'
  const findings = standings.flatMap(({ finding }) => (finding === null ? [] : [finding]))
  return [
    tableOf(standings, now, output, wide),
    ...fixesOf(findings, output),
    summaryLine(standings, output),
  ].join('\n')
}

/** A row per node. */
export function tableOf(standings: readonly Standing[], now: number, output: Output, wide: boolean): string {
  const rows = standings.map((standing) => [...rowOf(standing, now), ...(wide ? wideCellsOf(standing) : [])])
  return table(wide ? wideColumns : columns, rows, output)
}

const belongsColumns = [
  { title: 'NODE', cut: 'middle' },
  { title: 'NAME OR ADDRESS', cut: 'middle' },
  { title: 'WHY', cut: 'end' },
] as const

/** A row per name and address that a Node reports: why it is this Node's. */
export function belongsText(standings: readonly Standing[], belongings: Belongings, output: Output): string {
  if (belongings === null) return '\nWhat was granted is not known.\n'
  const rows = standings.flatMap(({ node: { name } }) =>
    (belongings.get(name) ?? []).map(({ value, words, why }): Cell[] => [
      name,
      value,
      { text: words, tone: whyTones[why] },
    ]),
  )
  return rows.length === 0 ? '' : `\n${table(belongsColumns, rows, output)}`
}

function rowOf({ node, csr, serving, certificate, finding }: Standing, now: number): Cell[] {
  return [
    node.name,
    node.ready ? 'yes' : { text: 'no', tone: 'warning' },
    csr === null ? '-' : { text: csr.state, tone: stateTones[csr.state] },
    csr === null ? '-' : age(now - csr.createdAt),
    { text: serving, tone: servingTones[serving] },
    certificate === null ? '-' : String(daysLeft(certificate, now)),
    finding?.code ?? '',
  ]
}

function wideCellsOf({ node: { dial }, csr, finding }: Standing): Cell[] {
  return [csr?.name ?? '-', dial === null ? '-' : `${dial.address}:${dial.port}`, finding?.evidence ?? '']
}

function summaryLine(standings: readonly Standing[], output: Output): string {
  const { nodes, serving, pending, notVisible } = summaryOf(standings)
  const tone = serving === nodes ? 'good' : 'bad'
  const counts = [
    styled(`${serving} of ${nodes} nodes serve a certificate of the cluster`, tone, output),
    ...(pending > 0 ? [`${pending} waiting`] : []),
    ...(notVisible > 0 ? [`${notVisible} not visible from here`] : []),
  ]
  return `${counts.join(', ')}\n`
}
