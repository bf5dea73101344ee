/** What honest nodes do, each with how long it takes. No line may wait for a person. */
import { setTimeout as sleep } from 'node:timers/promises'
import { reported } from '../../kit/kubelet/addresses.ts'
import { damageLedger, damages } from '../bench/ledger-text.ts'
import { Host, type Place } from './host.ts'

/** Milliseconds from the CSR to the certificate, of each kubelet. */
export type Waits = readonly number[]

export interface Line {
  readonly what: string
  readonly run: (place: Place, counts: Counts) => Promise<Waits>
}

interface Counts {
  /** Nodes that take over an address. */
  readonly takeovers: number
}

/** The addresses of the next nodes. */
let used = 0
export function nextAddress(): string {
  used += 1
  return `10.64.${used >> 8}.${used & 255}`
}

/** What was granted ten seconds ago counts as served. */
const SERVED_MS = 10_500
const WITHIN_MS = 10_000
const RENEWING = 20

export const lines: readonly Line[] = [
  { what: 'join, one address', run: async (place) => [await Host.at(place, 'one', nextAddress()).join()] },
  {
    what: 'join, dual stack',
    run: async (place) => [await Host.at(place, 'dual', nextAddress(), '2001:4860:1::1').join()],
  },
  {
    what: 'join, 40 addresses',
    run: async (place) => [await Host.at(place, 'many', ...Array.from({ length: 40 }, nextAddress)).join()],
  },
  {
    what: 'join, a public ExternalIP that nobody reaches',
    run: async (place) => {
      const own = nextAddress()
      const addresses = reported(['InternalIP', own], ['ExternalIP', '45.33.32.156'])
      return [await new Host(place, 'external', addresses, [own]).join()]
    },
  },
  {
    what: 'join, with a name that the silent DNS is asked for',
    run: async (place) => {
      const addresses = reported(['InternalIP', nextAddress()], ['InternalDNS', 'dns.example.com'])
      return [await new Host(place, 'dns', addresses).join()]
    },
  },
  { what: 'renewal', run: async (place) => await renewed(await joined(place, 'renewing', RENEWING)) },
  { what: 'machine installed again, its Node deleted', run: async (place) => [await again(place, true)] },
  {
    what: 'machine installed again, its Node still there',
    run: async (place) => [await again(place, false)],
  },
  { what: 'addresses taken over within 10 s', run: takenOver },
  { what: 'two nodes exchange their addresses', run: exchanged },
  { what: 'Node deleted for a second, then renewal', run: deletedForASecond },
  { what: 'probe blocked: renewals, and nodes that join', run: blocked },
  ...['deleted', 'truncated', 'of a newer version'].map((how) => ({
    what: `ledger ${how}: renewals, and a node that joins`,
    run: async (place: Place) => await damaged(place, how),
  })),
]

export async function joined(place: Place, name: string, count: number): Promise<readonly Host[]> {
  const hosts = Array.from({ length: count }, (_, index) => Host.at(place, `${name}-${index}`, nextAddress()))
  await Promise.all(hosts.map(async (host) => await host.join()))
  return hosts
}

async function renewed(hosts: readonly Host[]): Promise<Waits> {
  return await Promise.all(hosts.map(async (host) => await host.renew()))
}

/** A new disk: the same name and address, and no certificate. */
async function again(place: Place, isDeleted: boolean): Promise<number> {
  const host = Host.at(place, `again-${isDeleted}`, nextAddress())
  await host.join()
  await host.off()
  if (isDeleted) await host.deleteNode()
  await host.boot()
  if (isDeleted) await host.register()
  return await host.ask()
}

async function takenOver(place: Place, { takeovers }: Counts): Promise<Waits> {
  const pairs = Array.from({ length: takeovers }, (_, index) => {
    const address = nextAddress()
    return { old: Host.at(place, `old-${index}`, address), next: Host.at(place, `new-${index}`, address) }
  })
  await Promise.all(pairs.map(async ({ old }) => await old.join()))
  await sleep(SERVED_MS)
  return await Promise.all(
    pairs.map(async ({ old, next }, index) => {
      await sleep((WITHIN_MS * index) / pairs.length)
      await old.off()
      await old.deleteNode()
      return await next.join()
    }),
  )
}

async function exchanged(place: Place): Promise<Waits> {
  const [one, two] = [nextAddress(), nextAddress()]
  const before = [Host.at(place, 'left', one), Host.at(place, 'right', two)]
  for (const host of before) await host.join()
  await sleep(SERVED_MS)
  for (const host of before) await host.off()
  const after = [Host.at(place, 'left', two), Host.at(place, 'right', one)]
  for (const [index, host] of after.entries()) await host.boot(before[index])
  await Promise.all(after.map(async (host) => await host.report()))
  return await Promise.all(after.map(async (host) => await host.ask()))
}

async function deletedForASecond(place: Place): Promise<Waits> {
  const host = Host.at(place, 'blink', nextAddress())
  await host.join()
  await host.deleteNode()
  await sleep(1_000)
  await host.register()
  return [await host.ask()]
}

async function blocked(place: Place): Promise<Waits> {
  const hosts = await joined(place, 'before', RENEWING)
  place.machines.cut(true)
  try {
    const waits = await renewed(hosts)
    return [...waits, await Host.at(place, 'blocked', nextAddress()).join()]
  } finally {
    place.machines.cut(false)
  }
}

async function damaged(place: Place, how: string): Promise<Waits> {
  const damage = damages[how]
  if (damage === undefined) throw new Error(`the ledger is never ${how}`)
  const name = `ledger-${how.replaceAll(' ', '-')}`
  const hosts = await joined(place, name, RENEWING)
  await damageLedger(place.cluster, damage)
  const waits = await renewed(hosts)
  const join = await Host.at(place, `${name}-new`, nextAddress()).join()
  // A newer version is never overwritten: only deleting it ends that.
  await damageLedger(place.cluster, () => null)
  return [...waits, join]
}
