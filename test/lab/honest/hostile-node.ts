/** One node as hostile as it can be, beside honest ones. */
import { setTimeout as sleep } from 'node:timers/promises'
import { reported } from '../../kit/kubelet/addresses.ts'
import { createCsr } from '../../kit/kubelet/csr.ts'
import { freshKeys } from '../../kit/requests/keys.ts'
import { buildRequest } from '../../kit/requests/request.ts'
import { TestNode } from '../../kit/kubelet/test-node.ts'
import { Host, type Place } from './host.ts'
import { joined, nextAddress, type Waits } from './life.ts'

const ADDRESSES = 100
/** A request with more addresses is refused as it is. */
const ASKED = 60
const HOLDERS = 20
const PAUSE_MS = 1_000

interface Beside {
  readonly joins: Waits
  readonly renewals: Waits
  /** CSRs of the hostile node that were created. */
  readonly asked: number
}

/**
 * Each second for so long a newcomer joins and a holder renews, while one node makes its Node again, reports a hundred
 * addresses and names (the newcomers' to come and the holders' among them), asks for them for ten minutes, and switches its machine.
 */
export async function besideHostile(place: Place, seconds: number): Promise<Beside> {
  const holders = await joined(place, 'holder', HOLDERS)
  const newcomers = Array.from({ length: seconds }, (_, index) => {
    const address = nextAddress()
    return { address, host: Host.at(place, `newcomer-${index}`, address) }
  })
  const ending = new AbortController()
  const wanted = [
    ...newcomers.map(({ address }) => address),
    ...Array.from({ length: ADDRESSES }, nextAddress),
  ]
  const hostile = beHostile(place, wanted.slice(0, ADDRESSES), ending.signal)
  const [joins, renewals]: [Promise<number>[], Promise<number>[]] = [[], []]
  for (const [index, { host }] of newcomers.entries()) {
    joins.push(host.join())
    const holder = holders[index % HOLDERS]
    // A Node is approved five times at once, and then once a minute.
    if (holder !== undefined && index < HOLDERS * 4) renewals.push(holder.renew())
    await sleep(PAUSE_MS)
  }
  const waits = { joins: await Promise.all(joins), renewals: await Promise.all(renewals) }
  ending.abort()
  return { ...waits, asked: await hostile }
}

async function beHostile(place: Place, wanted: readonly string[], signal: AbortSignal): Promise<number> {
  const names = Array.from({ length: ADDRESSES }, (_, index) => `hostile-${index}.example.com`)
  const own = nextAddress()
  const node = new TestNode(place.cluster, 'hostile', own)
  let asked = 0
  for (let turn = 0; !signal.aborted; turn += 1) {
    const machine = await place.machines.start([own])
    await node.join()
    await node.kubelet.report([
      ...reported(['Hostname', 'hostile'], ['InternalIP', own]),
      ...reported(...wanted.map((address) => ['InternalIP', address] as const)),
      ...reported(...names.map((name) => ['InternalDNS', name] as const)),
    ])
    const shifted = wanted.slice(turn % ADDRESSES).slice(0, ASKED)
    for (const addresses of [[own], [own, ...shifted]]) {
      const shape = { key: freshKeys('P-256'), dnsNames: ['hostile'], addresses }
      const { request } = buildRequest({ commonName: node.user, ...shape })
      const { status } = await createCsr(node.client, { request, expirationSeconds: 600 })
      if (status === 201) asked += 1
    }
    await sleep(PAUSE_MS / 2)
    await machine.stop()
    await sleep(PAUSE_MS / 2)
    await node.leave()
  }
  return asked
}
