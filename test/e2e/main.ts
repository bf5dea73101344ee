/** `npm run e2e`: the product on real kubeadm clusters. Exit code 0 only if every promise was kept. */

import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { approver } from './approver.ts'
import { bootstrap } from './bootstrap.ts'
import { diagnose } from './diagnosis.ts'
import { heal, inspect, createCluster } from './healing.ts'
import { applyManifest } from './manifests.ts'
import { type Workspace, openWorkspace } from './workspace.ts'
import { longParts } from './long-parts.ts'
import { Proof } from './proof.ts'
import { renewals } from './renewal.ts'
import { roll, uninstall } from './rollout.ts'
import { BOOTSTRAP_PROFILE, buildImage } from './steps/product.ts'

const PARTS = ['healing', 'upgrades', 'certificates', 'manifests', 'bootstrap', 'approver'] as const
type Part = (typeof PARTS)[number]
const NAMES: readonly string[] = [...PARTS, ...Object.keys(longParts)]

const HELP = `
npm run e2e [-- --only ${NAMES.join('|')}] [--upgrades N] [--hold]

The product on real kubeadm clusters in namespaces of this machine: needs root, about 10 minutes, each long part as much.
  --only      one part; ${Object.keys(longParts).join(', ')} run only so
  --case      with --only doctor or fixes: a regular expression for the titles of breakages; with --only ownership: letters of its parts
  --upgrades  how many upgrades, default 4
  --hold      leaves the clusters standing after a failure, until interrupted
`

const { values } = readArguments(HELP, {
  options: {
    only: { type: 'string' },
    case: { type: 'string', default: '' },
    upgrades: { type: 'string', default: '4' },
    hold: { type: 'boolean', default: false },
  },
})

if (values.only !== undefined && !NAMES.includes(values.only))
  refuseArguments(HELP, `--only is one of ${NAMES.join(', ')}`)

const proof = new Proof((text) => process.stdout.write(text))
if (process.getuid?.() !== 0) {
  proof.print('npm run e2e needs root: it makes hosts of network, mount and process namespaces')
  process.exit(1)
}

let interrupted = false
let workspace: Workspace | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    interrupted = true
    proof.print(`${signal}: taking everything down`)
    void workspace?.close().finally(() => process.exit(130))
  })
}

try {
  const opened = await proof.step(
    'The workspace: programs, images, nothing left of earlier runs',
    openWorkspace,
  )
  workspace = opened
  await prove(opened)
} catch (error) {
  if (!interrupted) await explain(error)
} finally {
  await workspace?.close()
}
process.exitCode = proof.conclude() && !interrupted ? 0 : 1

async function prove(opened: Workspace): Promise<void> {
  const build = (): Promise<string> => proof.step('npm run image', buildImage)
  const long = longParts[values.only ?? '']
  if (long !== undefined) {
    proof.part(long.title)
    return await long.run({ proof, workspace: opened, image: build, only: values.case })
  }
  if (wanted('approver')) {
    proof.part('The command line alone, from kubeadm init on')
    await approver(proof, opened)
  }
  if (values.only === 'approver') return
  const image = await build()
  if (wanted('healing', 'upgrades', 'certificates', 'manifests')) await proveOnOne(opened, image)
  if (!wanted('bootstrap')) return
  proof.part('A control plane with nothing else yet')
  await bootstrap(proof, opened, image, BOOTSTRAP_PROFILE)
}

/** The parts of the first cluster. */
async function proveOnOne(opened: Workspace, image: string): Promise<void> {
  proof.part('A cluster that fails is healed')
  const cluster = await createCluster(proof, opened, image)
  if (wanted('healing')) {
    await heal(proof, cluster)
    await inspect(proof, cluster)
  }
  if (wanted('upgrades')) {
    proof.part('Upgrades and the end, under failurePolicy Fail')
    await roll(proof, cluster, Number(values.upgrades))
    await proof.step('helm uninstall', () => uninstall(proof, cluster))
  }
  if (wanted('certificates')) {
    proof.part('Certificates by cert-manager, under failurePolicy Fail')
    await renewals(proof, cluster)
  }
  if (wanted('manifests')) {
    proof.part('Without Helm')
    await applyManifest(proof, cluster, { file: 'install.yaml', worker: 'worker-5', network: true })
  }
  await proof.step('The first cluster ends', () => cluster.stop())
}

function wanted(...parts: readonly Part[]): boolean {
  return values.only === undefined || parts.some((part) => part === values.only)
}

async function explain(error: unknown): Promise<void> {
  proof.fail(error)
  for (const cluster of workspace?.clusters ?? []) await diagnose(proof, cluster)
  if (!values.hold) return
  proof.print('held: interrupt me to take it down')
  await new Promise(() => setInterval(() => undefined, 60_000))
}
