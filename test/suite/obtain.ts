/** Honest nodes: each gets a certificate for just what it reports. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Kubelet } from '../kit/kubelet/kubelet.ts'
import type { Obtained } from '../kit/kubelet/kubelet.ts'
import { type NodeAddress, reported, sansOf } from '../kit/kubelet/addresses.ts'
import { failedRow, issuedRow } from './rows.ts'
import type { Asking, Progress, Phase } from './rows.ts'
import type { HonestNode, Setup } from './cluster.ts'

/** A second for the work, and what a kubelet waits after a refusal: 2.2 + 4.4 s. */
const OBTAIN_MS = 20_000
/** What the issue grants a node whose addresses settled; patience takes 30 s of it. */
const SETTLE_MS = 60_000

/** All honest nodes at once. `way` says how in the title: `renews, `. */
export async function obtainAll(
  phase: Phase,
  { honest }: Setup,
  way: string,
  progress: Progress,
): Promise<void> {
  await Promise.all(
    honest.map(async (honestNode) => {
      const { one, node } = honestNode
      const asking = { phase, asked: `${way}${one.title}`, by: `system:node:${node.name}` }
      try {
        const obtained = await obtainOne(honestNode, way === '')
        progress.row(issuedRow(asking, obtained, misses(obtained, node.reports)))
      } catch (error) {
        progress.row(failedRow(asking, error))
      }
    }),
  )
}

/** Addresses can appear late the first time only. */
async function obtainOne({ node, kubelet }: HonestNode, isFirst: boolean): Promise<Obtained> {
  const signal = AbortSignal.timeout(OBTAIN_MS)
  if (node.reportsAfterMs === undefined || !isFirst) return kubelet.obtain(signal)
  const obtaining = kubelet.obtain(signal)
  await sleep(node.reportsAfterMs)
  await kubelet.report()
  return obtaining
}

/** A CSR is stored that names an address its Node no longer reports: a kubelet without a certificate does not cancel it. */
export async function obtainAfterShrinking({ cluster }: Setup, progress: Progress): Promise<void> {
  const name = 'shrink-1'
  const asked = 'an address that went away while its CSR waited'
  const user = `system:node:${name}`
  const asking: Asking = { phase: 'webhook off', asked, by: user }
  const addresses = reported(['Hostname', name], ['InternalIP', '203.0.113.30'])
  const before = [...addresses, ...reported(['InternalIP', '203.0.113.31'])]
  const kubelet = new Kubelet(await cluster.clientFor({ user, groups: ['system:nodes'] }), {
    name,
    addresses,
  })
  await kubelet.register()
  await kubelet.report()
  try {
    const obtained = await kubelet.obtain(AbortSignal.timeout(SETTLE_MS), before)
    const problem = obtained.refusals.length === 1 ? misses(obtained, addresses) : 'it must be denied once'
    progress.row({ ...issuedRow(asking, obtained, problem), ms: obtained.totalMs })
  } catch (error) {
    progress.row(failedRow(asking, error))
  }
}

/** How a certificate's names differ from what the node reports. */
function misses({ certificate }: Obtained, addresses: readonly NodeAddress[]): string | null {
  const wanted = sansOf(addresses)
  const has = (certificate.subjectAltName ?? '').split(', ').sort()
  const names = wanted.dnsNames.map((name) => `DNS:${name}`)
  const ips = wanted.addresses.map((address) => `IP Address:${expanded(address)}`)
  const must = [...names, ...ips].sort()
  return has.join() === must.join() ? null : `certified ${has.join(', ')} instead of ${must.join(', ')}`
}

/** As OpenSSL prints an address: IPv6 in capitals, without `::`. */
function expanded(address: string): string {
  if (!address.includes(':')) return address
  const [left = '', right = ''] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const zeros = Array<string>(8 - groups(left).length - groups(right).length).fill('0')
  return [...groups(left), ...zeros, ...groups(right)].join(':').toUpperCase()
}
