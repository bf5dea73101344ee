/** What happens to the cluster, so that every panel has something to show. */
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask, forEachOf, type Member } from '../../lab/bench/fleet.ts'
import { freePort } from '../../kit/ports.ts'
import { servicePermissions } from '../../kit/service/service-permissions.ts'
import { changeWebhook } from '../../kit/service/webhook.ts'
import type { Scene } from './scene.ts'

export interface Act {
  readonly title: string
  /** Each state of things is held for `holdMs`. */
  readonly play: (scene: Scene, holdMs: number) => Promise<void>
}

/** Without one of these a query would have no data. The last one sets the counters of the API server back. */
export const record: readonly Act[] = [
  { title: 'a match condition of the operator’s own fails, and Events are forbidden', play: misconfigure },
  { title: 'the webhook cannot be reached: Ignore, then Fail', play: loseGate },
  { title: 'policy and certificate change, at first with faults', play: change },
  { title: 'a rack of nodes joins, and the API server is killed meanwhile', play: joinRack },
]
export const leaderDies: Act = { title: 'the pod that leads is killed', play: killLeader }

/** In the kubelets' own terms: what they ask for fits both policies. */
const STRICTER = 'maxExpirationSeconds: 86400\n'
const DAYS = 90

async function change({ pods, stage: { cluster } }: Scene, holdMs: number): Promise<void> {
  const holder = { commonName: 'kubelet-csr-gate', addresses: ['127.0.0.1'], days: DAYS }
  const pair = await cluster.issue(holder)
  for (const { service } of pods) {
    await writeFile(service.files.policy, 'maxExpirationSeconds: soon\n')
    // Without its key.
    await writeFile(service.files.cert, pair.certPem)
  }
  await sleep(holdMs)
  for (const { service } of pods) {
    await writeFile(service.files.policy, STRICTER)
    await writeFile(service.files.key, pair.keyPem)
  }
  await sleep(holdMs)
}

async function loseGate({ registration, stage: { cluster } }: Scene, holdMs: number): Promise<void> {
  const url = `https://127.0.0.1:${await freePort()}/validate`
  for (const failurePolicy of ['Ignore', 'Fail'] as const) {
    await changeWebhook(cluster.admin, { ...registration, url, failurePolicy })
    await sleep(holdMs)
  }
  await changeWebhook(cluster.admin, registration)
}

/** The condition reads an annotation that no kubelet's CSR has; the role lacks what is granted for Events. */
async function misconfigure({ registration, stage: { cluster } }: Scene, holdMs: number): Promise<void> {
  const { namespace, name, rules } = servicePermissions(cluster)
  const granted = rules?.['default'] ?? []
  const role = `/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles/${namespace}:${name}`
  const others = granted.filter(({ resources }) => !JSON.stringify(resources).includes('events'))
  const matchCondition = "object.metadata.annotations['example.com/team'] == 'platform'"
  await changeWebhook(cluster.admin, { ...registration, matchCondition })
  await cluster.adminRequest('PATCH', role, { rules: others })
  await sleep(holdMs)
  await changeWebhook(cluster.admin, registration)
  await cluster.adminRequest('PATCH', role, { rules: granted })
}

const CREATORS = 32

/** It is killed once a third has asked: not all of that is decided by then. */
async function joinRack({ rack, stage: { cluster } }: Scene, holdMs: number): Promise<void> {
  const third = Promise.withResolvers<void>()
  let stored = 0
  const joining = forEachOf(rack, CREATORS, async (member) => {
    await askUntilStored(member)
    stored += 1
    if (stored > rack.length / 3) third.resolve()
  })
  await third.promise
  await cluster.killApiServer()
  await cluster.restartApiServer()
  await joining
  await sleep(holdMs)
}

async function askUntilStored(member: Member): Promise<void> {
  for (;;) {
    const stored = await ask(member).catch(() => undefined)
    if (stored !== undefined) return
    await sleep(1_000)
  }
}

async function killLeader({ pods: [leader] }: Scene, holdMs: number): Promise<void> {
  await leader.kill()
  await sleep(holdMs)
  await leader.start()
}
