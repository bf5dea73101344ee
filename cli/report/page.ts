import { createHash } from 'node:crypto'
import { utc } from '../../policies/text.ts'
import type { Session } from '../cluster/session.ts'
import { diagnose, type Standing, standingsOf } from '../diagnose/diagnose.ts'
import type { CsrFacts, Facts } from '../diagnose/facts.ts'
import { sorted, summaryOf } from '../status/result.ts'
import { element, type Html, section } from './html.ts'
import { csrColumns, findingColumns, nodeColumns, toneClass } from './columns.ts'
import { STYLE } from './style.ts'

export type Cluster = Pick<Session, 'context' | 'server' | 'version'>

/** The page as one HTML document without scripts. Only the style that stands here applies: the policy names its hash. */
export function pageOf(cluster: Cluster, facts: Facts, madeBy: string): string {
  const hash = createHash('sha256').update(STYLE).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  const standings = sorted(standingsOf(facts))
  const csrs = facts.csrs.known ? facts.csrs.value : []
  const newest = csrs.toSorted((one, other) => other.createdAt - one.createdAt)
  const findings = section(
    { id: 'findings', title: 'Findings of doctor', none: 'Nothing was found.' },
    diagnose(facts),
    findingColumns,
  )
  const nodes = section(
    { id: 'nodes', title: 'Nodes', none: 'There are no Nodes.' },
    standings,
    nodeColumns(standings, facts.now),
  )
  const stored = section({ id: 'csrs', title: 'Stored CSRs', none: 'No CSR is stored.' }, newest, csrColumns)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Kubelet serving certificates</title>
<style>${STYLE}</style>
<h1>Kubelet serving certificates</h1>
${aboutOf(cluster, facts.now, madeBy).html}
${summaryList(standings, csrs).html}
<nav><a href="#findings">Findings</a> <a href="#nodes">Nodes</a> <a href="#csrs">CSRs</a></nav>
${[findings, nodes, stored].map(({ html }) => html).join('\n')}
</html>
`
}

function aboutOf({ context, server, version }: Cluster, now: number, madeBy: string): Html {
  const about = [context, server, version].filter((part) => part !== '').join(', ')
  return element('p', {}, `${about}. Made ${utc(now)} by ${madeBy}.`)
}

function summaryList(standings: readonly Standing[], csrs: readonly CsrFacts[]): Html {
  const { nodes, serving, pending, notVisible } = summaryOf(standings)
  const denied = csrs.filter(({ state }) => state === 'denied').length
  const counts = [
    ['Nodes', nodes, ''],
    ['Serve a certificate of the cluster', serving, toneClass(serving === nodes ? 'good' : 'bad')],
    ['Wait for approval', pending, toneClass(pending > 0 ? 'warning' : undefined)],
    ['CSRs denied', denied, toneClass(denied > 0 ? 'bad' : undefined)],
    ['Not visible from there', notVisible, toneClass(notVisible > 0 ? 'warning' : undefined)],
  ] as const
  return element(
    'dl',
    {},
    ...counts.map(([text, count, className]) =>
      element('div', {}, element('dt', {}, text), element('dd', { class: className }, String(count))),
    ),
  )
}
