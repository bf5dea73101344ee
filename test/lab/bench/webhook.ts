import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { startChild } from '../../kit/child.ts'
import { startControlPlane } from '../../control-plane/control-plane.ts'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { freePort } from '../../kit/ports.ts'
import { startService } from '../../kit/service/service.ts'
import { registerWebhook, unregisterWebhook } from '../../kit/service/webhook.ts'
import { ask, createFleet } from './fleet.ts'
import type { Member } from './fleet.ts'
import { shippedProgram } from '../../kit/service/shipped.ts'
import { describe, spread } from './statistics.ts'

const NODES = 50
const PER_SECOND = 50
const ROUNDS = 10
/** Of one round: 4 s at 50/s. Short rounds in turn meet the same noise of the machine. */
const PER_ROUND = 200
/** Dropped at the start of a round: the registration takes effect, connections open. */
const WARM_UP = 50

type Arm = 'no webhook' | 'always yes' | 'the webhook'

/** What a create costs without a webhook, with one that says yes, with ours; in turns, in one run. */
export async function benchWebhook(print: (line: string) => void): Promise<void> {
  await using cluster = await startControlPlane()
  await using service = await startService(cluster, {
    controller: false,
    proof: 'warn',
    ...(await shippedProgram()),
  })
  const yes = await startAlwaysYes(cluster)
  await using _child = yes.child
  const fleet = await createFleet(cluster, NODES)
  const urls: Record<Arm, string | null> = {
    'no webhook': null,
    'always yes': yes.url,
    'the webhook': service.webhookUrl,
  }
  const arms: readonly Arm[] = ['no webhook', 'always yes', 'the webhook']
  const samples: Record<Arm, number[]> = { 'no webhook': [], 'always yes': [], 'the webhook': [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const arm of arms) {
      const url = urls[arm]
      if (url !== null)
        await registerWebhook(cluster.admin, { url, caPem: cluster.caPem, failurePolicy: 'Fail' })
      await sleep(500)
      const measured = await runRound(fleet)
      samples[arm].push(...measured.slice(WARM_UP))
      if (url !== null) await unregisterWebhook(cluster.admin)
    }
    print(`round ${round + 1} of ${ROUNDS}`)
  }
  const spreads = arms.map((arm) => [arm, spread(samples[arm])] as const)
  for (const [arm, of] of spreads) print(describe(`create at ${PER_SECOND}/s, ${arm}`, of))
  const [, always, ours] = spreads.map(([, of]) => of)
  if (always === undefined || ours === undefined) throw new Error('an arm has no samples')
  print(
    `the webhook over always yes: p50 ${(ours.p50 - always.p50).toFixed(2)} ms, p99 ${(ours.p99 - always.p99).toFixed(2)} ms`,
  )
}

/** Sends on schedule, whether earlier ones were answered or not. */
async function runRound(fleet: readonly Member[]): Promise<readonly number[]> {
  const started = performance.now()
  const answers: Promise<number>[] = []
  for (let index = 0; index < PER_ROUND; index++) {
    const member = fleet[index % fleet.length]
    if (member === undefined) break
    await sleep(Math.max(0, started + (index * 1_000) / PER_SECOND - performance.now()))
    answers.push(ask(member).then(({ ms }) => ms))
  }
  return Promise.all(answers)
}

async function startAlwaysYes(cluster: ControlPlane) {
  const pair = await cluster.issue({ commonName: 'always-yes', addresses: ['127.0.0.1'] })
  const file = (name: string) => join(cluster.directory, `always-yes.${name}`)
  await writeFile(file('crt'), pair.certPem)
  await writeFile(file('key'), pair.keyPem, { mode: 0o600 })
  const port = await freePort()
  const child = startChild({
    name: 'always-yes',
    path: process.execPath,
    args: [join(import.meta.dirname, 'always-yes.ts'), String(port), file('crt'), file('key')],
    logFile: file('log'),
  })
  return { child, url: `https://127.0.0.1:${port}/validate` }
}
