/**
 * All scenarios, twice: with the webhook in front, then with the controller alone. Each gives one row; a row with a problem
 * is one that is not as it must be.
 */
import type { Client } from '../kit/client.ts'
import { startService } from '../kit/service/service.ts'
import type { Service } from '../kit/service/service.ts'
import { registerWebhook, unregisterWebhook, untilInEffect } from '../kit/service/webhook.ts'
import { createCsr } from '../kit/kubelet/csr.ts'
import { askHostile, askStored, standsApproved } from './ask-hostile.ts'
import { obtainAll, obtainAfterShrinking } from './obtain.ts'
import { hostile } from './hostile.ts'
import { lying, newer, older } from './liars.ts'
import type { Narrator, Row } from './rows.ts'
import { POLICY } from './settings.ts'
import { setStage } from './cluster.ts'
import type { Stage } from './cluster.ts'

const thefts = [...older.hostile, ...newer.hostile]

/** @returns every row, in order. Rejects when the scene itself breaks. */
export async function play(narrator: Narrator): Promise<readonly Row[]> {
  const rows: Row[] = []
  const tell: Narrator = {
    say: (text) => narrator.say(text),
    row: (row) => {
      rows.push(row)
      narrator.row(row)
    },
  }
  const started = performance.now()
  tell.say('Starting etcd, kube-apiserver and kube-controller-manager on loopback, and joining Nodes')
  await using stage = await setStage()
  tell.say(`A cluster of Kubernetes stands after ${seconds(started)} s`)
  await using services = new AsyncDisposableStack()
  const serve = async () => services.use(await serveGuarded(stage))
  const service = await playWithGate(stage, serve, tell)
  tell.say(
    'The webhook is off: its registration is removed. Everyone asks again, and the controller is alone',
  )
  await unregisterWebhook(stage.cluster.admin)
  await untilInEffect(async () => !(await isGuarded(probe(stage))))
  await playWithoutGate(stage, service, tell)
  tell.say(`Done after ${seconds(started)} s`)
  return rows
}

/** Returns the service that runs then: it is restarted in between. */
async function playWithGate(stage: Stage, serve: () => Promise<Service>, tell: Narrator): Promise<Service> {
  const first = await serve()
  tell.say('kubelet-csr-gate serves, with the permissions of its chart; its webhook is registered')
  tell.say('Honest kubelets ask for their certificates')
  await obtainAll('webhook on', stage, '', tell)
  tell.say('A compromised node, and others who may create CSRs, try what they can')
  for (const scenario of [...hostile, ...lying.hostile]) await askHostile(stage, first, scenario, tell)
  tell.say('Thieves, older and newer than their victim, report its name and address, and ask')
  await stage.steal()
  for (const scenario of thefts) await askHostile(stage, first, scenario, tell)
  tell.say('Every honest kubelet renews')
  await obtainAll('webhook on', stage, 'renews, ', tell)
  tell.say('kubelet-csr-gate is killed and started again; thieves ask, honest kubelets renew')
  await first.kill()
  await unregisterWebhook(stage.cluster.admin)
  const second = await serve()
  for (const scenario of thefts) await askHostile(stage, second, scenario, tell)
  await obtainAll('webhook on', stage, 'renews after a restart, ', tell)
  return second
}

async function playWithoutGate(stage: Stage, service: Service, tell: Narrator): Promise<void> {
  const shrinking = obtainAfterShrinking(stage, tell)
  await obtainAll('webhook off', stage, 'renews, ', tell)
  const asked = [...hostile, ...lying.hostile, ...thefts]
  const stored = await Promise.all(asked.map((scenario) => askStored(stage, service, scenario, tell)))
  tell.say('An honest node’s address went away while its CSR waited: it must have a certificate within 60 s')
  await shrinking
  for (const problem of await standsApproved(stage, stored)) {
    tell.row({
      ...problem,
      phase: 'webhook off',
      verdict: 'approve',
      component: 'controller',
      ms: Number.NaN,
    })
  }
  tell.say(`None of the ${stored.length} stored hostile CSRs is approved or has a certificate`)
}

/** Starts the service and registers its webhook; resolves once the webhook is called. */
async function serveGuarded(stage: Stage): Promise<Service> {
  const { cluster } = stage
  const service = await startService(cluster, { policy: POLICY })
  await registerWebhook(cluster.admin, { url: service.webhookUrl, caPem: cluster.caPem })
  await untilInEffect(() => isGuarded(probe(stage)))
  return service
}

function probe({ cluster }: Stage): Client {
  return cluster.impersonate({ user: 'probe', groups: ['system:masters'] })
}

/** Whether a hostile request, on a dry run, is refused. */
async function isGuarded(client: Client): Promise<boolean> {
  using asking = client
  const [scenario] = hostile
  if (scenario === undefined) return false
  const { status, body } = await createCsr(asking, scenario.csr(), '?dryRun=All')
  return status === 403 && body['reason'] === scenario.reason
}

function seconds(started: number): string {
  return ((performance.now() - started) / 1000).toFixed(1)
}
