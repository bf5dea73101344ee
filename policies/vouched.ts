import { formatAddress } from './address.ts'
import { fail, pass, unknown } from './check.ts'
import { nodeName, shownNode } from './node-name.ts'
import { addresses, dnsNames, foldCase } from './request.ts'
import type { SourceKind } from './settings.ts'
import { listed } from './text.ts'
import type { ClusterFacts, ClusterStage, Outcome, Vouched, Vouching } from './types.ts'

interface Asked {
  readonly kind: 'names' | 'addresses'
  /** Names in lower case. */
  readonly values: readonly string[]
  readonly show?: (value: string) => string
}

/** Fails what none of the sources vouches for. What a source that cannot be asked might vouch for is unknown. */
export function areVouchedFor(
  facts: ClusterStage,
  sources: readonly SourceKind[],
  { kind, values, show = (value) => value }: Asked,
): Outcome {
  if (sources.length === 0) return pass
  const said = sources.map((source) => saidBy(facts.cluster, source))
  const open = values.filter((value) => !said.some((vouched) => vouchesFor(vouched, kind, value)))
  if (open.length === 0) return pass
  const shownValues = listed(open.map(show))
  const silent = said.flatMap(({ source, vouches }) =>
    vouches.known ? [] : [`${source}: ${vouches.because}`],
  )
  if (silent.length > 0) return unknown(`no source could vouch for ${shownValues}: ${silent.join('; ')}`)
  const node = shownNode(facts.csr.requester.username)
  const publicDetail = `no source of the policy vouches that ${shownValues} ${open.length > 1 ? 'belong' : 'belongs'} to ${node}`
  const says = said.flatMap(({ source, vouches }) =>
    vouches.known ? [`${source}: ${vouches.value.says}`] : [],
  )
  return fail(`${publicDetail}. ${says.join('; ')}`, { publicDetail })
}

/** Whether one of the sources vouches for a name, in lower case, or an address, and for no other Node's. */
export function isVouchedFor(
  { cluster }: ClusterStage,
  sources: readonly SourceKind[],
  { kind, value }: { readonly kind: Asked['kind']; readonly value: string },
): boolean {
  return sources.some((source) => {
    const said = saidBy(cluster, source)
    return vouchesFor(said, kind, value) && !isShared(said, value)
  })
}

/** The names that need a source: all but the Node's own, unless it has a dot and so may be the name of something else. */
export function namesToVouchFor({ request, csr }: ClusterStage): string[] {
  const own = nodeName(csr.requester.username)
  return dnsNames(request)
    .map(foldCase)
    .filter((name) => name !== own || name.includes('.'))
}

/** The first source that vouches, by each name and address as text. */
export function vouchedBy(
  { request, cluster }: ClusterStage,
  sources: readonly SourceKind[],
): Readonly<Record<string, SourceKind>> {
  const said = sources.map((source) => saidBy(cluster, source))
  const firstFor = (kind: Asked['kind'], value: string, text: string): [string, SourceKind][] => {
    const first = said.find((vouched) => vouchesFor(vouched, kind, value))
    return first === undefined ? [] : [[text, first.source]]
  }
  return Object.fromEntries([
    ...dnsNames(request).flatMap((name) => firstFor('names', foldCase(name), foldCase(name))),
    ...addresses(request).flatMap((address) => firstFor('addresses', address, formatAddress(address))),
  ])
}

function vouchesFor({ vouches }: Vouched, kind: keyof Pick<Vouching, Asked['kind']>, value: string): boolean {
  return vouches.known && vouches.value[kind].includes(value)
}

function isShared({ vouches }: Vouched, value: string): boolean {
  return vouches.known && vouches.value.shared?.includes(value) === true
}

/** The settings that a source needs. */
const needed: Readonly<Record<SourceKind, string>> = {
  inventory: 'sources.inventory.configMaps',
  clusterApi: 'sources.clusterApi',
  dns: 'sources.dns.domains',
}

function saidBy({ vouched }: ClusterFacts, source: SourceKind): Vouched {
  const said = vouched.find((one) => one.source === source)
  const because = `is not configured, set ${needed[source]}`
  return said ?? { source, vouches: { known: false, because } }
}
