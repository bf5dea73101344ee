/** What nodes do meanwhile: honest ones join and renew, and a hostile one asks for what is not its own. */
import { setTimeout as sleep } from 'node:timers/promises'
import { reported } from '../kit/kubelet/addresses.ts'
import { createCsr, metadataOf } from '../kit/kubelet/csr.ts'
import { TestNode } from '../kit/kubelet/test-node.ts'
import { Host, nextAddress, type Place } from '../kit/kubelet/host.ts'
import type { Random } from '../kit/random.ts'

export interface Asked {
  /** Milliseconds from a kubelet's first CSR to its certificate, of those that have one. */
  readonly served: number[]
  readonly lost: string[]
  /** The uids of CSRs that must not be approved. */
  readonly hostile: Set<string>
  /** Creates of hostile CSRs that were refused. */
  refused: number
}

const HONEST_EVERY_MS = 700
const HOSTILE_EVERY_MS = 1_500
/** A kubelet tries again and again while the API server is away, as a stock one does. */
const AGAIN_MS = 500
const PATIENCE_MS = 60_000

/** Goes on until `over`; then waits for what was begun. */
export async function keepAsking(place: Place, random: Random, over: AbortSignal): Promise<Asked> {
  const asked: Asked = { served: [], lost: [], hostile: new Set(), refused: 0 }
  const hosts: Host[] = []
  const [, begun] = await Promise.all([
    beHostile(place, asked, { hosts, random, over }),
    beHonest(place, asked, { hosts, random, over }),
  ])
  await Promise.all(begun)
  return asked
}

interface Crowd {
  readonly hosts: Host[]
  readonly random: Random
  readonly over: AbortSignal
}

async function beHonest(place: Place, asked: Asked, { hosts, random, over }: Crowd) {
  const begun: Promise<void>[] = []
  const serve = async (name: string, ask: () => Promise<number>): Promise<void> => {
    try {
      asked.served.push(await untilAnswered(ask))
    } catch (error) {
      asked.lost.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  for (let index = 0; !over.aborted; index += 1) {
    const renewing = hosts.length > 10 && random.next() < 0.3 ? hosts.shift() : undefined
    if (renewing !== undefined) begun.push(serve(renewing.name, async () => await renewing.renew()))
    else {
      const host = Host.at(place, `host-${index}`, nextAddress())
      begun.push(serve(host.name, async () => await join(host)).then(() => void hosts.push(host)))
    }
    await sleep(HONEST_EVERY_MS)
  }
  return begun
}

async function join(host: Host): Promise<number> {
  await host.boot()
  await untilAnswered(async () => {
    try {
      await host.register()
    } catch (error) {
      // The answer to an earlier try was lost.
      if (!String(error).includes('already exists')) throw error
      await host.report()
    }
  })
  return await host.ask()
}

/** The API server may be away. */
async function untilAnswered<T>(step: () => Promise<T>): Promise<T> {
  const ending = AbortSignal.timeout(PATIENCE_MS)
  for (;;)
    try {
      return await step()
    } catch (error) {
      if (ending.aborted) throw error
      await sleep(AGAIN_MS)
    }
}

/** It has a Node that reports what it asks for. */
async function beHostile(place: Place, asked: Asked, { hosts, random, over }: Crowd): Promise<void> {
  const node = new TestNode(place.cluster, 'hostile', nextAddress())
  await node.join()
  while (!over.aborted) {
    const wanted = wantedOf(random, hosts.length > 0 ? random.pick(hosts) : undefined)
    try {
      await node.kubelet.report([
        ...reported(...(wanted.dnsNames ?? ['hostile']).map((name) => ['Hostname', name] as const)),
        ...reported(
          ...(wanted.addresses ?? [node.address]).map((address) => ['InternalIP', address] as const),
        ),
      ])
      const { status, body } = await createCsr(node.client, { request: node.request(wanted) })
      if (status === 201) asked.hostile.add(metadataOf(body).uid)
      else asked.refused += 1
    } catch {
      // The API server is away.
    }
    await sleep(HOSTILE_EVERY_MS)
  }
}

interface Wanted {
  readonly dnsNames?: readonly string[]
  readonly addresses?: readonly string[]
}

function wantedOf(random: Random, victim: Host | undefined): Wanted {
  const { name = 'kubernetes', address = '10.96.0.1' } = victim ?? {}
  return random.pick<Wanted>([
    { dnsNames: ['kubernetes'] },
    { addresses: ['10.96.0.1'] },
    { dnsNames: ['hostile', 'kube-apiserver.example.com', 'localhost'] },
    { dnsNames: [name] },
    { addresses: [address] },
  ])
}
