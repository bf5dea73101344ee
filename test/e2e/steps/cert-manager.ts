/** cert-manager's own controllers and injector, from its pinned module, as pods on the control plane. */
import { join } from 'node:path'

import { moduleFolder } from '../../binaries/modules.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'
import { writeImage } from '../../kubeadm/image.ts'
import { apply, kubectl } from '../../kubeadm/kubectl.ts'
import { importImage } from '../../kubeadm/node.ts'

const PROGRAMS = ['cert-manager-controller', 'cert-manager-cainjector'] as const
type Program = (typeof PROGRAMS)[number]

export const CERT_MANAGER = 'cert-manager'

/** Returns when its pods run. They are given everything: who may do what is cert-manager's own affair. */
export async function installCertManager(cluster: Cluster): Promise<void> {
  const definitions = join(
    await moduleFolder('cert-manager', 'github.com/cert-manager/cert-manager'),
    'deploy/crds',
  )
  await kubectl(cluster, ['create', '-f', definitions])
  await kubectl(cluster, ['wait', '--for=condition=Established', '-f', definitions, '--timeout=30s'])
  await kubectl(cluster, ['create', 'namespace', CERT_MANAGER])
  await kubectl(cluster, [
    'create',
    'clusterrolebinding',
    CERT_MANAGER,
    '--clusterrole=cluster-admin',
    `--group=system:serviceaccounts:${CERT_MANAGER}`,
  ])
  await Promise.all(PROGRAMS.map((program) => runProgram(cluster, program)))
}

async function runProgram(cluster: Cluster, program: Program): Promise<void> {
  const { controlPlane, binaries } = cluster
  const archive = join(controlPlane.plan.directory, `${program}.tar`)
  const name = `kubelet-csr-gate.test/${program}:1`
  await writeImage({ name, program: binaries(program), path: program, entrypoint: [`/${program}`] }, archive)
  await importImage(controlPlane, archive)
  await apply(cluster, deployment(program, name, controlPlane.plan.name))
  await kubectl(cluster, [
    'rollout',
    'status',
    `deployment/${program}`,
    `--namespace=${CERT_MANAGER}`,
    '--timeout=60s',
  ])
}

function deployment(name: Program, image: string, nodeName: string): object {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: CERT_MANAGER },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          nodeName, // the one host that has the image
          tolerations: [{ operator: 'Exists' }],
          terminationGracePeriodSeconds: 1,
          containers: [{ name, image, imagePullPolicy: 'Never' }],
        },
      },
    },
  }
}
