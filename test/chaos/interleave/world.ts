/** Two replicas, an API server, and the nodes that ask. */
import type { Scheduler } from 'fast-check'
import { objectAt, textAt } from '../../../server/json.ts'
import type { Stored } from '../../embedded/collection.ts'
import { CSR, LEASE, NODE } from '../../embedded/resources.ts'
import { Connection, type Sent } from './connection.ts'
import { Network } from './network.ts'
import { Replica } from './replica.ts'
import { requestFor } from './requests.ts'
import { PLACE, WorldServer } from './server.ts'
import { Truth } from './truth.ts'
import type { VirtualTime } from './virtual-time.ts'

interface Member {
  readonly name: string
  address: string
}

/** Where it begins no Node stands. */
const SUBNET = '10.0.0.'

export class World {
  readonly time: VirtualTime
  readonly network: Network
  readonly server: WorldServer
  readonly truth = new Truth()
  readonly members: Member[] = []
  readonly #replicas: Replica[] = []
  #lives = 0
  #addresses = 0
  #asked = 0

  constructor(schedule: Scheduler, time: VirtualTime) {
    this.time = time
    this.network = new Network(schedule, time)
    this.server = new WorldServer()
    for (const index of [0, 1]) this.start(index)
  }

  replica(index: number): Replica {
    const replica = this.#replicas[index]
    if (replica === undefined) throw new Error(`there is no replica ${index}`)
    return replica
  }

  start(index: number): void {
    this.#lives += 1
    this.#replicas[index] = new Replica(`replica-${index}-${this.#lives}`, this.time, (owner) =>
      this.#connect(owner),
    )
  }

  kill(index: number): void {
    const replica = this.replica(index)
    replica.isDead = true
    this.network.break(replica, 'cut')
  }

  /** As by SIGTERM: another starts at once. */
  stop(index: number): void {
    const replica = this.replica(index)
    void this.time.as(replica, async () => await replica.stop())
    this.start(index)
  }

  pause(index: number, isPaused: boolean): void {
    this.replica(index).isPaused = isPaused
    this.network.wake()
  }

  /** To the next timer, whichever replica's it is. */
  async tick(): Promise<void> {
    await this.#passTo(this.time.next())
  }

  async pass(ms: number): Promise<void> {
    const end = this.time.now + ms
    while (this.time.now < end) await this.#passTo(Math.min(this.time.next(), end))
  }

  async #passTo(at: number): Promise<void> {
    await this.network.hurry(at)
    await this.time.step(at)
  }

  /** What was stopped, paused or cut off is well again. */
  calm(): void {
    this.network.clear()
    for (const [index, replica] of this.#replicas.entries()) {
      if (replica.isDead) this.start(index)
      this.pause(index, false)
    }
  }

  joins(): Member {
    const address = this.#nextAddress()
    const member = { name: `node-${address.slice(SUBNET.length)}`, address }
    this.members.push(member)
    this.#put(member.name, [member.address])
    return member
  }

  renumbers(member: Member): void {
    this.truth.abandon(member.name)
    member.address = this.#nextAddress()
    this.#put(member.name, [member.address])
  }

  leaves(member: Member): void {
    this.truth.abandon(member.name)
    this.server.collection(NODE).remove(member.name)
    this.truth.reports(member.name, this.time.now, [])
    this.members.splice(this.members.indexOf(member), 1)
  }

  /** A CSR for its own name and address. Its newest counts. */
  asks(member: Member, name?: string): void {
    this.truth.release(member.name)
    this.#ask(member.name, [member.address], { victim: null, name })
  }

  /** A Node of its own reports an address of another's, and asks for it. */
  lies(victim: Member, name?: string): void {
    this.#put('liar', [`${SUBNET}250`, victim.address])
    this.truth.contest(victim.name)
    this.#ask('liar', [victim.address], { victim: victim.name, name })
  }

  /** One that waits is replaced by another under its name. */
  swaps(member: Member, by: 'liar' | 'itself'): void {
    const waiting = this.#waitingOf(by === 'liar' ? member.name : 'liar')
    if (waiting === undefined) return
    this.#remove(waiting)
    if (by === 'liar') this.lies(member, waiting.metadata.name)
    else this.asks(member, waiting.metadata.name)
  }

  withdraws(member: Member): void {
    const waiting = this.#waitingOf(member.name)
    if (waiting !== undefined) this.#remove(waiting)
  }

  #remove({ metadata }: Stored): void {
    this.server.collection(CSR).remove(metadata.name)
    this.truth.removed(metadata.uid)
  }

  #waitingOf(node: string): Stored | undefined {
    return this.server
      .collection(CSR)
      .list('', () => true)
      .find(
        (csr) =>
          textAt(objectAt(csr, 'spec'), 'username') === `system:node:${node}` &&
          objectAt(csr, 'status')['conditions'] === undefined,
      )
  }

  #put(name: string, addresses: readonly string[]): void {
    const reported = addresses.map((address) => ({ type: 'InternalIP', address }))
    const status = { addresses: [{ type: 'Hostname', address: name }, ...reported] }
    this.server.collection(NODE).put({ metadata: { name }, spec: {}, status })
    this.truth.reports(name, this.time.now, [name, ...addresses])
  }

  #ask(
    node: string,
    addresses: readonly string[],
    { victim, name }: { readonly victim: string | null; readonly name: string | undefined },
  ): void {
    this.#asked += 1
    const spec = {
      request: requestFor(node, addresses, this.#asked),
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'server auth'],
      username: `system:node:${node}`,
      groups: ['system:nodes', 'system:authenticated'],
    }
    const csr = { metadata: { name: name ?? `csr-${this.#asked}` }, spec, status: {} }
    const { metadata } = this.server.collection(CSR).put(csr)
    this.truth.asks(metadata.uid, { name: metadata.name, node, values: [node, ...addresses], victim })
  }

  #nextAddress(): string {
    this.#addresses += 1
    return `${SUBNET}${this.#addresses}`
  }

  #connect(owner: Replica): Connection {
    const { network, server } = this
    const answered = (sent: Sent, status: number): void => {
      if (status < 200 || status > 299 || sent.method === 'GET') return
      const isDecision = sent.path.includes('/approval')
      const name = /signingrequests\/([^/]+)\/approval/u.exec(sent.path)?.[1] ?? ''
      if (isDecision) this.truth.wrote(sent, server.collection(CSR).get('', name))
      else if (sent.path.includes('/configmaps')) this.truth.wrote(sent, undefined)
    }
    return new Connection({ owner, network, server, holder: () => this.#holder(), answered })
  }

  /** The name of the replica that holds the Lease; empty for nobody, null where there is none. */
  #holder(): string | null {
    const lease = this.server.collection(LEASE).get(PLACE.namespace, PLACE.name)
    if (lease === undefined) return null
    return textAt(objectAt(lease, 'spec'), 'holderIdentity').split('_', 1)[0] ?? ''
  }
}
