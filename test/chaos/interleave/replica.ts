/** One controller as service.ts starts it, but for what would need a network: nobody dials, and no webhook runs. */
import { rulesWith } from '../../../policies/good-request.fixture.ts'
import type { NodeFacts } from '../../../policies/types.ts'
import { Activity } from '../../../server/controller/activity.ts'
import { startApproving } from '../../../server/controller/approving.ts'
import { FactCache } from '../../../server/facts/fact-cache.ts'
import { csrQuery, nodeQuery } from '../../../server/facts/informers.ts'
import { NewNodes } from '../../../server/facts/new-nodes.ts'
import { ParsedRequests } from '../../../server/facts/parsed-requests.ts'
import type { Reservations } from '../../../server/facts/reservations.ts'
import { FakeStore, unexamined } from '../../../server/facts/store.fixture.ts'
import { keepCsr, type StoredCsr } from '../../../server/facts/stored-csr.ts'
import { createJudge } from '../../../server/judge.ts'
import { Informer } from '../../../server/kube/informer.ts'
import type { Cluster } from '../../../server/kube/transport.ts'
import { openLedger } from '../../../server/ledger/open-ledger.ts'
import { readUnverified } from '../../../server/pkcs10/request.ts'
import { listen } from '../../kit/quiet.ts'
import { PLACE } from './server.ts'
import type { Owner, VirtualTime } from './virtual-time.ts'

const rules = await rulesWith({
  proof: { addresses: 'off', names: 'warn', unreachable: [] },
})
/** What is read is the same in all worlds. */
const parsed = new ParsedRequests(readUnverified, 2 * 1_048_576)
const read = (request: string) => parsed.read(request)
const PLACED = { namespace: PLACE.namespace, leaderElection: { leaderElect: true, resourceName: PLACE.name } }
const nothing = (): void => undefined

/** From its start to its end. */
export class Replica implements Owner {
  isDead = false
  isPaused = false
  aheadMs = 0
  readonly name: string
  readonly time: VirtualTime
  readonly #running: ReturnType<typeof start>

  constructor(name: string, time: VirtualTime, connect: (owner: Replica) => Cluster) {
    this.name = name
    this.time = time
    this.#running = time.as(this, () => start(name, connect(this)))
  }

  /** What it logged. */
  get said(): readonly string[] {
    return this.#running.said
  }

  /** As on SIGTERM. */
  async stop(): Promise<void> {
    await this.#running.stop()
  }
}

function start(identity: string, cluster: Cluster) {
  const { log, recorder, said } = listen()
  const informers = informersOf(cluster, { log, recorder })
  const { ledger, grants, shards } = openLedger({ installedLedger: PLACE, cluster, log, recorder })
  const { clock } = cluster
  const facts = new FactCache(
    {
      ...informers,
      ...reservedOf(),
      prober: null,
      apiServer: () => cluster.apiServer(),
      ledger: grants,
      now: () => clock.serverNow(),
    },
    read,
  )
  const judge = createJudge({ facts, newNodes: new NewNodes(informers.nodes, clock), parsed, clock, log })
  const approving = startApproving({
    config: { ...PLACED, webhook: { enabled: false } },
    identity,
    ledgerPlace: PLACE,
    cluster,
    judging: { informers, facts, ledger, judge, subscribe: nothing },
    rules: () => rules,
    activity: new Activity(clock),
    report: nothing,
    notify: nothing,
    log,
    recorder,
  })
  const lists = [informers.csrs, informers.nodes, shards]
  for (const list of lists) list?.start()
  return {
    said,
    async stop(): Promise<void> {
      await approving.stop()
      await Promise.all(lists.map(async (list) => await list?.stop()))
    },
  }
}

function informersOf(cluster: Cluster, parts: Pick<ReturnType<typeof listen>, 'log' | 'recorder'>) {
  const csrs = new Informer<StoredCsr>({ ...csrQuery, select: keepCsr(read, unexamined), cluster, ...parts })
  const nodes = new Informer<NodeFacts>({ ...nodeQuery, cluster, ...parts })
  const followed = () =>
    [csrs, nodes].every((list) => list.state().phase !== 'syncing' && list.state().problem === null)
  return { csrs, nodes, followed }
}

/** What the cluster reserves never changes here. */
function reservedOf() {
  const services = new FakeStore<Reservations>({
    kubernetes: [{ kind: 'prefix', value: '0a600000/16', origin: 'the Service range', apiServer: false }],
  })
  return { reservations: () => [services], serviceAddresses: () => services }
}
