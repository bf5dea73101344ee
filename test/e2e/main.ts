/** `npm run e2e`: the product on real kubeadm clusters. Exit code 0 only if every promise was kept. */
import { parseArgs } from 'node:util'

import { bootstrap } from './bootstrap.ts'
import { diagnose } from './diagnosis.ts'
import { heal, inspect, raise } from './healing.ts'
import { type Lab, openLab } from './lab.ts'
import { Proof } from './proof.ts'
import { roll, uninstallDead } from './rollout.ts'
import { BOOTSTRAP_PROFILE, buildImage } from './scenes/gate.ts'

const { values } = parseArgs({
  options: {
    upgrades: { type: 'string', default: '4' },
    /** Leaves the clusters standing after a failure, until interrupted. */
    hold: { type: 'boolean', default: false },
  },
})

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
  proof.chapter('A cluster that fails is healed')
  const cluster = await raise(proof, ground)
  const image = await proof.step('npm run image', buildImage)
  await heal(proof, cluster, image)
  await inspect(proof, cluster)
  proof.chapter('Upgrades and the end, under failurePolicy Fail')
  await roll(proof, cluster, Number(values.upgrades))
  await uninstallDead(proof, cluster)
  await proof.step('The first cluster ends', () => cluster.stop())
  proof.chapter('A control plane with nothing else yet')
  await bootstrap(proof, ground, image, BOOTSTRAP_PROFILE)
}

async function explain(error: unknown): Promise<void> {
  proof.fail(error)
  for (const cluster of lab?.clusters ?? []) await diagnose(proof, cluster)
  if (!values.hold) return
  proof.tell('held: interrupt me to take it down')
  await new Promise(() => setInterval(() => undefined, 60_000))
}
