/** The static Pods of the control plane: their manifests are what an administrator edits. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { eventually } from '../../kit/until.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'

export type Component = 'kube-apiserver' | 'kube-controller-manager'

const ASIDE = '/etc/kubernetes'
const MANIFESTS = `${ASIDE}/manifests`
/** The kubelet ends the old container, which takes an API server some ten seconds, and starts the new one. */
const RESTART_SECONDS = 120

/** Rewrites the flags in a manifest, and waits until the component runs with them. Each flag is `--name=value`. */
export async function editFlags(
  cluster: Cluster,
  component: Component,
  edit: (flags: readonly string[]) => readonly string[],
): Promise<void> {
  const file = cluster.controlPlane.file(`${MANIFESTS}/${component}.yaml`)
  const text = await readFile(file, 'utf8')
  const flags = [...text.matchAll(/^ {4}- (--.+)$/gmu)].map(([, flag = '']) => flag)
  const edited = edit(flags)
  if (edited.join('\n') === flags.join('\n')) throw new Error(`the flags of ${component} stay as they are`)
  const lines = edited.map((flag) => `    - ${flag}`).join('\n')
  const first = text.indexOf(`    - ${flags[0] ?? ''}`)
  const last = `    - ${flags.at(-1) ?? ''}`
  const after = text.indexOf(last) + last.length
  await writeFile(file, text.slice(0, first) + lines + text.slice(after))
  await untilRunning(cluster, component, edited)
}

/** Takes a component away, or brings it back. */
export async function moveManifest(
  cluster: Cluster,
  component: Component,
  to: 'aside' | 'back',
): Promise<void> {
  const { controlPlane } = cluster
  const [manifest, aside] = [MANIFESTS, ASIDE].map((folder) =>
    controlPlane.file(`${folder}/${component}.yaml`),
  )
  if (manifest === undefined || aside === undefined) throw new Error(`no manifest of ${component}`)
  await (to === 'aside' ? rename(manifest, aside) : rename(aside, manifest))
}

interface Pod {
  readonly spec: { readonly containers: readonly { readonly command: readonly string[] }[] }
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

async function untilRunning(cluster: Cluster, component: Component, flags: readonly string[]): Promise<void> {
  await eventually(`${component} runs with its new flags`, RESTART_SECONDS, async () => {
    const name = `${component}-${cluster.controlPlane.plan.name}`
    const get = ['get', 'pod', name, '--namespace=kube-system', '--request-timeout=5s', '-o=json']
    const { spec, status }: Pod = JSON.parse(await kubectl(cluster, get))
    const runs = spec.containers[0]?.command.slice(1).join('\n') === flags.join('\n')
    return runs && (status.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True')
  })
}
