import type { X509Certificate } from 'node:crypto'
import { utc } from '../../policies/text.ts'
import { canonicalAddress, parseAltNames } from '../../server/alt-names.ts'
import type { Finding } from '../diagnose/check.ts'
import type { Standing } from '../diagnose/diagnose.ts'
import type { CsrFacts } from '../diagnose/facts.ts'
import { stepLines } from '../diagnose/fixes.ts'
import { severityTones } from '../doctor/text.ts'
import type { Tone } from '../output/style.ts'
import { daysLeft } from '../status/result.ts'
import { servingTones, stateTones } from '../status/text.ts'
import { type Column, type Content, element, type Html, listOf } from './html.ts'
import { type Lifetime, lifetimeOf, timelineOf } from './timeline.ts'

/** A Node reports a handful of addresses, and may write any number. */
const ADDRESSES_MAX = 32
/** A certificate of the signer names what its kubelet asked for; one of somebody else may name anything. */
const SANS_MAX = 64
/** Shown at once; the rest unfolds. */
const SANS_SHOWN = 4

export const toneClass = (tone: Tone | undefined): string => tone ?? ''
const toned = (text: string, tone: Tone | undefined): Html =>
  element('span', { class: toneClass(tone) }, text)
const code = (text: string): Content => (text === '' ? '' : element('code', {}, text))

export const findingColumns: readonly Column<Finding>[] = [
  { title: 'Severity', class: 'short', cell: ({ severity }) => toned(severity, severityTones[severity]) },
  { title: 'Finding', cell: (finding) => code(finding.code) },
  { title: 'Subject', cell: ({ subject }) => subject },
  { title: 'Evidence', class: 'long', cell: ({ evidence }) => evidence },
  { title: 'Fix', class: 'long', cell: ({ fix }) => listOf(stepLines(fix).map(code)) },
]

export const csrColumns: readonly Column<CsrFacts>[] = [
  { title: 'Asked', class: 'short', cell: ({ createdAt }) => utc(createdAt) },
  { title: 'CSR', cell: ({ name }) => name },
  { title: 'Node', cell: ({ node }) => node },
  { title: 'State', class: 'short', cell: ({ state }) => toned(state, stateTones[state]) },
  { title: 'Reason', cell: ({ reason }) => code(reason) },
  { title: 'Message', class: 'long', cell: ({ message }) => message },
]

/** The timeline is that of all certificates. */
export function nodeColumns(standings: readonly Standing[], now: number): readonly Column<Standing>[] {
  const timeline = timelineOf(
    standings.flatMap((standing) => lifetime(standing) ?? []),
    now,
  )
  return [
    { title: 'Node', class: 'long', cell: ({ node }) => node.name },
    { title: 'Ready', class: 'short', cell: ({ node }) => (node.ready ? 'yes' : toned('no', 'warning')) },
    { title: 'Serves', class: 'short', cell: ({ serving }) => toned(serving, servingTones[serving]) },
    { title: 'Finding', class: 'long', cell: ({ finding }) => finding?.evidence ?? '' },
    { title: 'Days left', class: 'number', cell: (standing) => days(standing, now) },
    {
      title: `Valid, from ${timeline.from} to ${timeline.to}`,
      cell: (standing) => {
        const shown = lifetime(standing)
        return shown === null ? toned('none seen', 'faint') : timeline.show(shown)
      },
    },
    { title: 'Addresses of the Node', cell: addresses },
    { title: 'Names in the certificate', cell: names },
  ]
}

/** What the kubelet showed, or else what was issued for its newest CSR. */
function certificateOf({ certificate, csr }: Standing): X509Certificate | null {
  return certificate ?? csr?.certificate ?? null
}

function lifetime(standing: Standing): Lifetime | null {
  const certificate = certificateOf(standing)
  return certificate === null ? null : lifetimeOf(certificate, standing.certificate === null)
}

function days(standing: Standing, now: number): Content {
  const certificate = certificateOf(standing)
  return certificate === null ? '' : String(daysLeft(certificate, now))
}

function addresses(standing: Standing): Html {
  const certificate = certificateOf(standing)
  const sans = sansOf(certificate)
  const missing = (address: string): boolean => certificate !== null && !sans.includes(address.toLowerCase())
  return listOf(
    standing.node.addresses
      .slice(0, ADDRESSES_MAX)
      .map(({ address }) =>
        missing(address) ? toned(`${address} is not in the certificate`, 'bad') : address,
      ),
  )
}

function names(standing: Standing): Content {
  const sans = sansOf(certificateOf(standing)).slice(0, SANS_MAX)
  if (sans.length <= SANS_SHOWN) return listOf(sans)
  const rest = sans.slice(SANS_SHOWN)
  const more = element('details', {}, element('summary', {}, `${rest.length} more`), listOf(rest))
  return element('div', {}, listOf(sans.slice(0, SANS_SHOWN)), more)
}

function sansOf(certificate: X509Certificate | null): string[] {
  const { names: dns, addresses: ips } = parseAltNames(certificate?.subjectAltName)
  return [...dns, ...ips.map(canonicalAddress)]
}
