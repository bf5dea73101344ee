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
import { typeFix } from './steps/typing.ts'
import type { Workspace } from './workspace.ts'

const breakages: readonly Breakage[] = [
  ...brokenApprovals.filter(({ leaves }) => leaves === undefined),
  ...brokenConfiguration,
  ...brokenKubelets,
  ...brokenJoins,
  ...brokenApprovals.filter(({ leaves }) => leaves !== undefined),
  ...brokenControlPlanes, // restarts the API server, which counts what it let pass since its start
]

/** Those that the fix which doctor prints cures. With a cluster that nobody approves for, they are ten. */
const typedBreakages = breakages.filter(({ typed }) => typed)

/** On three nodes, from the start of the process on. */
const DOCTOR_SECONDS = 2
const SEEN_SECONDS = 20
/** An API server or a kubelet that restarted is known as well a minute later. */
const MENDED_SECONDS = 180

interface DoctorOptions {
  readonly typed: boolean
  /** A regular expression: the titles of the breakages to try; all if empty. */
  readonly only: string
}

export async function doctor(
  proof: Proof,
  workspace: Workspace,
  imageArchive: string,
  { typed, only }: DoctorOptions,
): Promise<void> {
  const tried = (typed ? typedBreakages : breakages).filter(({ title }) => new RegExp(only, 'u').test(title))
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
    await cure(proof, cluster, times, { title: 'nobody approves' })
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
  const { title, by, mend, first, leaves, typed } = breakage
  await by(cluster)
  const seen = await untilFirst(cluster, times, breakage)
  proof.print(seen.all)
  proof.holds(`${title}: the first finding is ${first}`, seen.told, seen.holds)
  if (typed && (await cure(proof, cluster, times, breakage))) return
  await mend(cluster)
  await isHealthy(proof, cluster, times, { when: `once mended: ${title}`, but: leaves })
}

/** Types the fix of the first finding; then, if another comes first, that one. Each once. Returns whether that was enough. */
async function cure(
  proof: Proof,
  cluster: Cluster,
  times: number[],
  { title, leaves }: Pick<Breakage, 'title' | 'leaves'>,
): Promise<boolean> {
  const typed = new Set<string>()
  const began = performance.now()
  let last: Diagnosis | undefined
  const holds = await eventually('nothing above info', MENDED_SECONDS, async () => {
    last = await examine(cluster, times)
    const [first] = last.problems.filter(({ code }) => code !== leaves)
    if (first === undefined) return last.trouble === '' && (await allServe(cluster))
    if (!typed.has(first.code)) proof.print(await typeFix(cluster, first.fix))
    typed.add(first.code)
    return false
  }).catch(() => false)
  if (!holds) proof.print(linesOf(last))
  const found = `${[...typed].join(', ') || 'nothing'} typed, ${((performance.now() - began) / 1_000).toFixed(1)} s`
  proof.holds(`the fix as printed cures: ${title}`, found, holds)
  return holds
}

/** Whether `status` shows that every kubelet serves its certificate: one that has just restarted is no finding yet. */
async function allServe(cluster: Cluster): Promise<boolean> {
  return (await runProgram(cluster, ['status'])).code === 0
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
