/** `doctor` on a cluster of real kubelets: in order, and broken in one way after the other. */
import { eventually } from '../kit/until.ts'
import type { Cluster } from '../kubeadm/cluster.ts'
import { brokenApprovals } from './breakages/approvals.ts'
import type { Breakage } from './breakages/breakage.ts'
import { brokenConfiguration, brokenControlPlanes } from './breakages/control-plane.ts'
import { brokenJoins } from './breakages/joining-nodes.ts'
import { brokenKubelets } from './breakages/kubelets.ts'
import type { Proof } from './proof.ts'
import { type Diagnosis, examine } from './steps/diagnoses.ts'
import { makeNamespace, release } from './steps/product.ts'
import { runProgram } from './steps/program.ts'
import type { Workspace } from './workspace.ts'

const breakages: readonly Breakage[] = [
  ...brokenApprovals.filter(({ leaves }) => leaves === undefined),
  ...brokenConfiguration,
  ...brokenKubelets,
  ...brokenJoins,
  ...brokenApprovals.filter(({ leaves }) => leaves !== undefined),
  ...brokenControlPlanes, // restarts the API server, which counts what it let pass since its start
]

/** On three nodes, from the start of the process on. */
const DOCTOR_SECONDS = 2
const SEEN_SECONDS = 20
/** An API server or a kubelet that restarted is known as well a minute later. */
const MENDED_SECONDS = 180

/** @param only a regular expression: the titles of the breakages to try; all if empty */
export async function doctor(
  proof: Proof,
  workspace: Workspace,
  imageArchive: string,
  only: string,
): Promise<void> {
  const tried = breakages.filter(({ title }) => new RegExp(only, 'u').test(title))
  if (tried.length === 0) throw new Error(`no breakage has a title like ${only}`)
  const cluster = workspace.cluster({ name: 'doctor', network: true })
  const times: number[] = []
  await proof.step('kubeadm init, and two workers join', async () => {
    await cluster.init()
    await Promise.all([cluster.join('worker-1'), cluster.join('worker-2')])
  })
  await proof.step('Nobody approves', async () => {
    const seen = await untilFirst(cluster, times, { first: 'NoApprover', within: 100 })
    proof.holds('nobody approves: the first finding is NoApprover', seen.told, seen.holds)
    proof.print(seen.all)
  })
  await proof.step('The command line approves, and nothing is installed', async () => {
    await runProgram(cluster, ['approve', '--expect=3', '--timeout=60s'], 90_000)
    await isHealthy(proof, cluster, times, { when: 'without the chart' })
  })
  await proof.step('The chart is installed', async () => {
    await cluster.importImage(imageArchive)
    await makeNamespace(cluster, 'restricted')
    await release(cluster, [])
    await isHealthy(proof, cluster, times, { when: 'with the chart' })
  })
  for (const breakage of tried)
    await proof.step(breakage.title, () => tryOne(proof, cluster, times, breakage))
  const sorted = times.toSorted((one, other) => one - other)
  const [median, slowest] = [sorted[sorted.length >> 1], sorted.at(-1)]
  proof.print(`doctor ran ${sorted.length} times, at most ${((slowest ?? 0) / 1_000).toFixed(1)} s`)
  proof.within('doctor takes, in the median of its runs', median ?? Number.NaN, DOCTOR_SECONDS)
  await proof.step('The cluster ends', () => cluster.stop())
}

async function tryOne(proof: Proof, cluster: Cluster, times: number[], breakage: Breakage): Promise<void> {
  const { title, by, mend, first, leaves } = breakage
  await by(cluster)
  const seen = await untilFirst(cluster, times, breakage)
  proof.print(seen.all)
  proof.holds(`${title}: the first finding is ${first}`, seen.told, seen.holds)
  await mend(cluster)
  await isHealthy(proof, cluster, times, { when: `once mended: ${title}`, but: leaves })
}

interface Seen {
  readonly holds: boolean
  readonly told: string
  /** Lines of all findings above info. */
  readonly all: string
}

/** Runs doctor until it finds the cause first, or the time is over: what has just begun is no finding yet. */
async function untilFirst(
  cluster: Cluster,
  times: number[],
  {
    first,
    subject,
    within = SEEN_SECONDS,
  }: Pick<Breakage, 'first' | 'within'> & { readonly subject?: string },
): Promise<Seen> {
  let last: Diagnosis | undefined
  const holds = await eventually(first, within, async () => {
    last = await examine(cluster, times)
    const [cause] = last.problems
    return cause?.code === first && (subject === undefined || cause.subject === subject)
  }).catch(() => false)
  const [cause] = last?.problems ?? []
  const told =
    cause === undefined ? (last?.trouble ?? '') : `${cause.severity} ${cause.code}, ${cause.subject}`
  return { holds, told: told || 'nothing', all: linesOf(last) }
}

interface Health {
  readonly when: string
  /** A finding that may stay. */
  readonly but?: string | undefined
}

async function isHealthy(
  proof: Proof,
  cluster: Cluster,
  times: number[],
  { when, but }: Health,
): Promise<void> {
  let last: Diagnosis | undefined
  const holds = await eventually('nothing above info', MENDED_SECONDS, async () => {
    last = await examine(cluster, times)
    return last.trouble === '' && last.problems.every(({ code }) => code === but)
  }).catch(() => false)
  if (!holds) proof.print(linesOf(last))
  const found = last?.problems.map(({ code }) => code).join(' ') || `exit code ${last?.code}`
  proof.holds(`nothing above info ${when}`, last?.trouble || found, holds)
}

function linesOf(diagnosis: Diagnosis | undefined): string {
  if (diagnosis === undefined) return 'doctor did not run'
  const lines = diagnosis.problems.map(
    ({ severity, code, subject, evidence }) => `${severity} ${code} ${subject}: ${evidence}`,
  )
  return [...lines, diagnosis.trouble].filter((line) => line !== '').join('\n') || 'nothing above info'
}
