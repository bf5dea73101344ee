/** Tries the minor of Kubernetes that the environment names, in four steps, each on a control plane of its own. */
import { profileProblems } from '../../chart/acceptance.ts'
import { certificateSwitchProblems } from '../../chart/certificate-switch.ts'
import { cleanupHookProblems } from '../../chart/cleanup-hook.ts'
import { installDefinitions } from '../../chart/definitions.ts'
import { allProfiles, type Helm } from '../../chart/helm.ts'
import type { Minor } from '../../binaries/versions.ts'
import { startControlPlane } from '../../control-plane/control-plane.ts'
import { type Summary, summarize } from '../../demo/summary.ts'
import { applyProblems, textOf, WAYS } from '../../manifests/apply.ts'
import { buildManifests } from '../../manifests/build.ts'
import { signMutants } from '../../oracle/differential/signed.ts'
import { kubernetes } from '../../suite/grounds.ts'
import { runSuite } from '../../suite/run.ts'
import type { Proof, Score } from './proof.ts'

interface Report {
  /** What goes well, as it goes. */
  readonly print: (line: string) => void
  /** What is not as it must be. */
  readonly object: (problem: string) => void
}

/** As many as `npm run test:kubernetes` has signed. */
const MUTANTS = 200

export async function prove(minor: Minor, print: (line: string) => void): Promise<Proof> {
  const started = performance.now()
  const problems: string[] = []
  const object = (problem: string): void => {
    problems.push(problem)
    print(problem)
  }
  const record = { print, object }
  // one that breaks as a whole says nothing of the others
  const step = async <T>(what: string, run: () => Promise<T>): Promise<T | undefined> => {
    print(what)
    return run().catch((error: unknown) => {
      object(`${what}: ${reasonOf(error)}`)
      return undefined
    })
  }
  const profiles = await step('the chart', () => tryChart(record))
  const manifests = await step('the manifests', () => tryManifests(record))
  const scenarios = await step('the scenarios of the demo', () => tryScenarios(record))
  const signed = await step('certificates of mutants', () => haveSigned(record))
  return {
    minor,
    profiles: profiles ?? { helm: nothing, helm3: nothing },
    manifests: manifests ?? nothing,
    issued: scenarios?.issued ?? 0,
    refused: scenarios?.refused ?? 0,
    alone: scenarios?.stored ?? 0,
    signed: signed ?? nothing,
    problems,
    seconds: (performance.now() - started) / 1000,
  }
}

const nothing: Score = { good: 0, of: 0 }

async function tryChart({ print, object }: Report): Promise<Record<Helm, Score>> {
  await using cluster = await startControlPlane()
  await installDefinitions(cluster)
  const profiles = await allProfiles()
  const tryWith = async (program: Helm): Promise<Score> => {
    let good = 0
    for (const profile of profiles) {
      const found = await profileProblems(cluster, profile, program)
      for (const line of found) object(`${profile.name}, ${program}: ${line}`)
      if (found.length > 0) continue
      good += 1
      print(`${profile.name}, ${program}: taken, installed, upgraded, rolled back, uninstalled`)
    }
    const own = profiles.find(({ name }) => name === 'existing-secret')?.values ?? {}
    const special = [
      ...(await cleanupHookProblems(cluster, program)),
      ...(await certificateSwitchProblems({ cluster, name: 'switched', values: own, program })),
    ]
    for (const line of special) object(line)
    return { good, of: profiles.length }
  }
  return { helm: await tryWith('helm'), helm3: await tryWith('helm3') }
}

async function tryManifests({ print, object }: Report): Promise<Score> {
  await using cluster = await startControlPlane()
  await using built = await buildManifests()
  let good = 0
  for (const way of WAYS) {
    const found = await applyProblems(cluster, await textOf(cluster, built.path, way))
    for (const line of found) object(`${way}: ${line}`)
    if (found.length > 0) continue
    good += 1
    print(`${way}: applied server-side, applied again, deleted`)
  }
  return { good, of: WAYS.length }
}

async function tryScenarios({ print, object }: Report): Promise<Summary> {
  const rows = await runSuite(kubernetes, { say: print, row: () => undefined })
  for (const { phase, asked, by, problem } of rows)
    if (problem !== null) object(`${phase}, ${asked} (${by}): ${problem}`)
  const summary = summarize(rows)
  const [issued = '', refused = '', verdict = ''] = summary.lines
  print(`${issued}; ${refused}`)
  if (!summary.asItMustBe) object(verdict)
  return summary
}

async function haveSigned({ print, object }: Report): Promise<Score> {
  await using cluster = await startControlPlane()
  const seed = Math.floor(Math.random() * 2 ** 31)
  print(`${MUTANTS} mutants from seed ${seed}`)
  const differences = await signMutants(cluster, { seed, count: MUTANTS })
  for (const difference of differences) object(difference)
  return { good: MUTANTS - differences.length, of: MUTANTS }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
