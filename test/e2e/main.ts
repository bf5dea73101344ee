/** `npm run e2e`: the product on real kubeadm clusters. Exit code 0 only if every promise was kept. */
import { parseArgs } from 'node:util'

import { bootstrap } from './bootstrap.ts'
import { diagnose } from './diagnosis.ts'
import { heal, inspect, raise } from './healing.ts'
import { type Lab, openLab } from './lab.ts'
import { Proof } from './proof.ts'
import { renewals } from './renewal.ts'
import { roll, uninstallDead } from './rollout.ts'
import { BOOTSTRAP_PROFILE, buildImage } from './steps/product.ts'

const CHAPTERS = ['healing', 'upgrades', 'certificates', 'bootstrap'] as const
type Chapter = (typeof CHAPTERS)[number]

const { values } = parseArgs({
  options: {
    /** One of {@link CHAPTERS}; all of them when it is not given. */
    only: { type: 'string' },
    upgrades: { type: 'string', default: '4' },
    /** Leaves the clusters standing after a failure, until interrupted. */
    hold: { type: 'boolean', default: false },
  },
})

if (values.only !== undefined && !CHAPTERS.some((chapter) => chapter === values.only))
  throw new Error(`--only=${values.only}: the chapters are ${CHAPTERS.join(', ')}`)

const proof = new Proof((text) => process.stdout.write(text))
if (process.getuid?.() !== 0) {
  proof.tell('npm run e2e needs root: it makes hosts of network, mount and process namespaces')
  process.exit(1)
}

let interrupted = false
let lab: Lab | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    interrupted = true
    proof.tell(`${signal}: taking everything down`)
    void lab?.close().finally(() => process.exit(130))
  })
}

try {
  const opened = await proof.step('The ground: programs, images, nothing left of earlier runs', openLab)
  lab = opened
  await prove(opened)
} catch (error) {
  if (!interrupted) await explain(error)
} finally {
  await lab?.close()
}
process.exitCode = proof.conclude() && !interrupted ? 0 : 1

async function prove(ground: Lab): Promise<void> {
  const image = await proof.step('npm run image', buildImage)
  if (wanted('healing', 'upgrades', 'certificates')) await proveOnOne(ground, image)
  if (!wanted('bootstrap')) return
  proof.chapter('A control plane with nothing else yet')
  await bootstrap(proof, ground, image, BOOTSTRAP_PROFILE)
}

/** The chapters of the first cluster. */
async function proveOnOne(ground: Lab, image: string): Promise<void> {
  proof.chapter('A cluster that fails is healed')
  const cluster = await raise(proof, ground, image)
  if (wanted('healing')) {
    await heal(proof, cluster)
    await inspect(proof, cluster)
  }
  if (wanted('upgrades')) {
    proof.chapter('Upgrades and the end, under failurePolicy Fail')
    await roll(proof, cluster, Number(values.upgrades))
    await uninstallDead(proof, cluster)
  }
  if (wanted('certificates')) {
    proof.chapter('Certificates by cert-manager, under failurePolicy Fail')
    await renewals(proof, cluster)
  }
  await proof.step('The first cluster ends', () => cluster.stop())
}

function wanted(...chapters: readonly Chapter[]): boolean {
  return values.only === undefined || chapters.some((chapter) => chapter === values.only)
}

async function explain(error: unknown): Promise<void> {
  proof.fail(error)
  for (const cluster of lab?.clusters ?? []) await diagnose(proof, cluster)
  if (!values.hold) return
  proof.tell('held: interrupt me to take it down')
  await new Promise(() => setInterval(() => undefined, 60_000))
}
