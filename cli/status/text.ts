import type { Output } from '../context.ts'
import type { Standing } from '../diagnose/diagnose.ts'
import type { CsrFacts, Serving } from '../diagnose/facts.ts'
import { fixesOf } from '../diagnose/fixes.ts'
import { age } from '../output/age.ts'
import { styled, type Tone } from '../output/style.ts'
import { type Cell, table } from '../output/table.ts'
import { daysLeft, summaryOf } from './result.ts'

const columns = [
  { title: 'NODE', cut: 'middle' },
  { title: 'READY' },
  { title: 'ASKED', align: 'right' },
  { title: 'APPROVED' },
  { title: 'ISSUED' },
  { title: 'SERVING' },
  { title: 'DAYS', align: 'right' },
  { title: 'FINDING' },
  { title: 'EVIDENCE', cut: 'end' },
] as const

/** The words are those of the JSON and of the docs. */
const tones: Readonly<Record<Serving, Tone>> = {
  yes: 'good',
  noCertificate: 'bad',
  selfMade: 'bad',
  otherCa: 'bad',
  otherNode: 'bad',
  expired: 'bad',
  notVisible: 'warning',
  unknown: 'faint',
}

/** A row per node, the commands that fix what is wrong, and a line about all. */
export function textOf(standings: readonly Standing[], now: number, output: Output): string {
  if (standings.length === 0) return 'There are no Nodes.\n'
  const findings = standings.flatMap(({ finding }) => (finding === null ? [] : [finding]))
  return `${tableOf(standings, now, output)}${fixesOf(findings, output)}\n${summaryLine(standings, output)}`
}

/** A row per node. */
export function tableOf(standings: readonly Standing[], now: number, output: Output): string {
  return table(
    columns,
    standings.map((standing) => rowOf(standing, now)),
    output,
  )
}

function rowOf({ node, csr, serving, certificate, finding }: Standing, now: number): Cell[] {
  return [
    node.name,
    node.ready ? 'yes' : { text: 'no', tone: 'warning' },
    csr === null ? '-' : age(now - csr.createdAt),
    approvedCell(csr),
    issuedCell(csr),
    { text: serving, tone: tones[serving] },
    certificate === null ? '-' : String(daysLeft(certificate, now)),
    finding?.code ?? '',
    finding?.evidence ?? '',
  ]
}

function approvedCell(csr: CsrFacts | null): Cell {
  if (csr === null) return '-'
  if (csr.state === 'denied') return { text: 'denied', tone: 'bad' }
  return csr.state === 'pending' ? { text: 'no', tone: 'warning' } : 'yes'
}

function issuedCell(csr: CsrFacts | null): Cell {
  if (csr === null) return '-'
  if (csr.state === 'failed') return { text: 'failed', tone: 'bad' }
  return csr.state === 'issued' ? 'yes' : { text: 'no', tone: 'warning' }
}

function summaryLine(standings: readonly Standing[], output: Output): string {
  const { nodes, serving, pending, notVisible } = summaryOf(standings)
  const tone = serving === nodes ? 'good' : 'bad'
  const counts = [
    styled(`${serving} of ${nodes} nodes serve a certificate of the cluster`, tone, output),
    ...(pending > 0 ? [`${pending} waiting for approval`] : []),
    ...(notVisible > 0 ? [`${notVisible} not visible from here`] : []),
  ]
  return `${counts.join(', ')}\n`
}
