/**
 * The cases of the demo, twice: with the webhook in front, then with the controller alone. Each gives one row; a row with a problem
 * is one that is not as it must be.
 */
import type { Cluster } from '../kit/cluster.ts'
import { shippedProgram } from '../kit/service/shipped.ts'
import { startService } from '../kit/service/service.ts'
import type { Service } from '../kit/service/service.ts'
import { unregisterWebhook } from '../kit/service/webhook.ts'
import { askHostile, askStored, standsApproved } from './ask.ts'
import { obtainAll, obtainAfterShrinking } from './obtain.ts'
import { setUp, type Setup as SetupOf } from './cluster.ts'
import type { Ground } from './grounds.ts'
import { putInFront, takeAway } from './in-front.ts'
import { POLICY } from './policy.ts'
import type { Progress, Row } from './rows.ts'
import { hostileCases } from './suite.ts'

/** Of a cluster of ours. */
type Setup = SetupOf<Cluster>

const atFirst = hostileCases.filter(({ afterHonest }) => !afterHonest)
const thefts = hostileCases.filter(({ afterHonest }) => afterHonest)

/** @returns every row, in order. Rejects when the cluster itself fails. */
export async function runSuite(ground: Ground, shown: Progress): Promise<readonly Row[]> {
  const rows: Row[] = []
  const progress: Progress = {
    say: (text) => shown.say(text),
    row: (row) => {
      rows.push(row)
      shown.row(row)
    },
  }
  const started = performance.now()
  progress.say(`Starting ${ground.title} on loopback, and joining Nodes`)
  await using cluster = await ground.start()
  await using setup = await setUp(cluster)
  progress.say(`The cluster is ready after ${seconds(started)} s`)
  await using services = new AsyncDisposableStack()
  const serve = async () => services.use(await serveWithWebhook(setup))
  const service = await runWithWebhook(setup, serve, progress)
  progress.say(
    'The webhook is off: its configuration is deleted. Every request is made again, and the controller is alone',
  )
  await takeAway(setup.cluster)
  await runWithoutWebhook(setup, service, progress)
  progress.say(`Done after ${seconds(started)} s`)
  return rows
}

/** Returns the service that runs then: it is restarted in between. */
async function runWithWebhook(
  setup: Setup,
  serve: () => Promise<Service>,
  progress: Progress,
): Promise<Service> {
  const first = await serve()
  progress.say('kubelet-csr-gate runs with the permissions of its chart; its webhook is configured')
  progress.say('Honest kubelets request their certificates')
  await obtainAll('webhook on', setup, '', progress)
  progress.say('A compromised node, and other users who may create CSRs, make hostile requests')
  for (const one of atFirst) await askHostile(setup, first, one, progress)
  progress.say('Nodes older and newer than their victim report its name and address, and request them')
  await setup.honestAreServed()
  for (const one of thefts) await askHostile(setup, first, one, progress)
  progress.say('Every honest kubelet renews')
  await obtainAll('webhook on', setup, 'renews, ', progress)
  progress.say(
    'kubelet-csr-gate is killed and started again; the thieves request again, honest kubelets renew',
  )
  await first.kill()
  await unregisterWebhook(setup.cluster.admin)
  const second = await serve()
  for (const one of thefts) await askHostile(setup, second, one, progress)
  await obtainAll('webhook on', setup, 'renews after a restart, ', progress)
  return second
}

async function runWithoutWebhook(setup: Setup, service: Service, progress: Progress): Promise<void> {
  const shrinking = obtainAfterShrinking(setup, progress)
  await obtainAll('webhook off', setup, 'renews, ', progress)
  const stored = await Promise.all(
    hostileCases.map(async (one) => await askStored(setup, service, one, progress)),
  )
  progress.say(
    'An honest node lost an address while its CSR was pending: it must have a certificate within 60 s',
  )
  await shrinking
  for (const problem of await standsApproved(setup, stored)) {
    progress.row({
      ...problem,
      phase: 'webhook off',
      verdict: 'approve',
      component: 'controller',
      ms: Number.NaN,
    })
  }
  progress.say(`None of the ${stored.length} stored hostile CSRs is approved or has a certificate`)
}

/** Starts the service and registers its webhook; resolves once the webhook is called. */
async function serveWithWebhook(setup: Setup): Promise<Service> {
  const { cluster } = setup
  const options = { policy: POLICY, proof: 'warn', machines: setup.machines } as const
  const service = await startService(cluster, { ...options, ...(await shippedProgram()) })
  await putInFront(cluster, service)
  return service
}

function seconds(started: number): string {
  return ((performance.now() - started) / 1000).toFixed(1)
}
