import { isDeepStrictEqual } from 'node:util'
import { objectAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { pathOf } from './dry-run.ts'
import { CHART, type Helm, helm, NAMESPACE, objectsOf, type Outcome, withImage } from './helm.ts'
import { called, workloadsIn } from './objects.ts'
import { readBack, writeAsPods } from './pods-writes.ts'

export interface Release {
  readonly cluster: ControlPlane
  readonly name: string
  readonly values: object
  readonly program: Helm
}

/** Whether uninstall deletes the webhook before the pods. Helm 3 does not, hence the clean-up hook of the chart. */
const webhookGoesFirst: Readonly<Record<Helm, boolean>> = { helm: true, helm3: false }

/**
 * Installs, upgrades, rolls back and uninstalls a release. Upgrade and rollback must keep what the pods write, and
 * uninstall must leave nothing behind.
 * @returns failures, a line each
 */
export async function lifecycleProblems(release: Release): Promise<readonly string[]> {
  const objects: JsonObject[] = []
  try {
    await run(release, 'install', release.name, CHART)
    objects.push(...objectsOf(await run(release, 'get', 'manifest', release.name)))
    await change(release, objects)
    return await end(release, objects)
  } catch (error) {
    // the next release needs the cluster without this one
    await run(release, 'uninstall', release.name).catch(() => undefined)
    return [error instanceof Error ? error.message : String(error)]
  }
}

async function change(release: Release, objects: readonly JsonObject[]): Promise<void> {
  const { cluster, name, values } = release
  await writeAsPods(cluster, objects)
  const written = await readBack(cluster, objects)
  const expect = async (step: string, mark: string | undefined): Promise<void> => {
    if ((await markOf(cluster, objects)) !== mark) throw new Error(`${step} did not change the workload`)
    if (!isDeepStrictEqual(await readBack(cluster, objects), written))
      throw new Error(`${step} lost what the pods wrote`)
  }
  const marked = { ...release, values: { ...values, podAnnotations: { mark: 'upgraded' } } }
  await run(marked, 'upgrade', name, CHART)
  await expect(`${release.program} upgrade`, 'upgraded')
  await run(release, 'rollback', name, '1')
  await expect(`${release.program} rollback`, undefined)
}

/** The pod annotation that the upgrade sets. */
async function markOf(cluster: ControlPlane, objects: readonly JsonObject[]): Promise<unknown> {
  const [workload = {}] = workloadsIn(objects)
  const { body } = await cluster.adminRequest('GET', `${await pathOf(cluster, workload)}`)
  return objectAt(body, 'spec', 'template', 'metadata', 'annotations')['mark']
}

async function end(release: Release, objects: readonly JsonObject[]): Promise<readonly string[]> {
  const { cluster, name, program } = release
  const { stderr } = await run(release, 'uninstall', name, '--debug')
  const left: string[] = []
  for (const object of objects) {
    const { status } = await cluster.adminRequest('GET', `${await pathOf(cluster, object)}`)
    if (status !== 404) left.push(`${called(object)} is left after ${program} uninstall`)
  }
  const webhook = stderr.search(/delet.*ValidatingWebhookConfiguration/i)
  const pods = stderr.search(/delet.*(Deployment|DaemonSet)/i)
  if (webhook >= 0 && webhook < pods !== webhookGoesFirst[program])
    left.push(`${program} uninstall deletes webhook and pods in another order than documented`)
  return left
}

/** What client-go logs of its own watches when Helm ends them: no warning about the release. */
const WATCH_ENDED = /^I\d{4} .* reflector\.go:.*Warning: watch ended with error.*context canceled.*\n?/gmu

/** Runs Helm in the namespace of the tests. Rejects when it fails or warns; only `--debug` may write to standard error. */
export async function run(
  { cluster, values, program }: Release,
  ...args: readonly string[]
): Promise<Outcome> {
  const takesValues = args[0] === 'install' || args[0] === 'upgrade'
  const outcome = await helm([...args, '--namespace', NAMESPACE], {
    program,
    kubeconfig: cluster.adminKubeconfig,
    ...(takesValues && { values: withImage(values) }),
  })
  const warnings = outcome.stderr.replaceAll(WATCH_ENDED, '')
  if (!outcome.ok || (warnings !== '' && !args.includes('--debug')))
    throw new Error(`${program} ${args[0]}: ${outcome.stderr.trim()}`)
  return outcome
}
