/** Whose an address is: liars with real credentials against real kubelets. */
import type { Cluster } from '../kubeadm/cluster.ts'
import type { Host } from '../kubeadm/hosts/host.ts'
import { unansweredAddress } from './claims/absent.ts'
import { againstLiving, movedAddress } from './claims/living.ts'
import { beforeTheMachine, beforeTheQuestion, twins } from './claims/newcomers.ts'
import type { Proof } from './proof.ts'
import { untilServed } from './steps/asked.ts'
import { servedLiar, turn } from './steps/liars.ts'
import { makeNamespace, release } from './steps/product.ts'
import type { Workspace } from './workspace.ts'

/** One of them a worker whose kubelet ended, nine that never had one. */
const LIARS = 10
const LIAR = 'liar-1'

/** @param only the letters of the parts to run, all if empty */
export async function ownership(
  proof: Proof,
  workspace: Workspace,
  imageArchive: string,
  only: string,
): Promise<void> {
  const cluster = workspace.cluster({ name: 'ownership', network: true })
  await proof.step('kubeadm init, a worker, and the chart', async () => {
    await cluster.init()
    await cluster.join('worker-1')
    await cluster.importImage(imageArchive)
    await makeNamespace(cluster, 'restricted')
    await release(cluster, [])
  })
  const liars = await proof.step(`${LIARS} liars, each with a certificate of its own`, () =>
    makeLiars(cluster),
  )
  const parts: readonly (readonly [string, string, () => Promise<void>])[] = [
    [
      'a',
      'The address of a kubelet that answers and has not asked',
      () => beforeTheQuestion(proof, cluster, liars),
    ],
    [
      'b',
      'One liar, and the address of a machine that is not there yet',
      () => beforeTheMachine(proof, cluster, liars.slice(0, 1), 'warn'),
    ],
    [
      'c',
      'All liars, and such an address under proof: require',
      () => beforeTheMachine(proof, cluster, liars, 'require'),
    ],
    ['d', 'A liar as new as its victim', () => twins(proof, cluster)],
    ['e', 'The address of a living node', () => againstLiving(proof, cluster, cluster.host(LIAR))],
    ['f', 'An address moves to a new machine', () => movedAddress(proof, cluster)],
    ['g', 'An address at which nobody answers', () => unansweredAddress(proof, cluster)],
  ]
  const wanted = parts.filter(([letter]) => only === '' || only.includes(letter))
  if (wanted.length === 0) throw new Error(`no part has a letter of ${only}`)
  for (const [, title, work] of wanted) await proof.step(title, work)
  await proof.step('The cluster ends', () => cluster.stop())
}

async function makeLiars(cluster: Cluster): Promise<readonly Host[]> {
  const worker = await cluster.join(LIAR)
  await turnOnceServed(cluster, worker)
  const liars = [worker]
  for (let index = 2; index <= LIARS; index += 1) liars.push(await servedLiar(cluster, `liar-${index}`))
  return liars
}

async function turnOnceServed(cluster: Cluster, worker: Host): Promise<void> {
  await untilServed(cluster, worker, 60)
  await turn(worker)
}
