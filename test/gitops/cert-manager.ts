/** cert-manager as processes beside a control plane: its controllers and its injector, without its webhook. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { textAt } from '../../server/json.ts'
import { moduleFolder } from '../binaries/modules.ts'
import { resolveBinaries } from '../binaries/resolve.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { startChild } from '../kit/child.ts'

const PROGRAMS = ['cert-manager-controller', 'cert-manager-cainjector'] as const
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Installs those definitions that are missing, and starts the programs. Disposing of it ends them. */
export async function startCertManager(cluster: ControlPlane): Promise<AsyncDisposable> {
  const pathOf = await resolveBinaries(PROGRAMS)
  const folder = join(
    await moduleFolder('cert-manager', 'github.com/cert-manager/cert-manager'),
    'deploy/crds',
  )
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.yaml'))) {
    const { status, body } = await cluster.adminRequest(
      'POST',
      DEFINITIONS,
      parse(await readFile(join(folder, name), 'utf8')),
    )
    if (status >= 300 && status !== 409) throw new Error(`${name}: ${status} ${textAt(body, 'message')}`)
  }
  const stack = new AsyncDisposableStack()
  for (const name of PROGRAMS)
    stack.use(
      startChild({
        name,
        path: pathOf(name),
        args: [],
        logFile: join(cluster.directory, `${name}.log`),
        environment: { ...process.env, KUBECONFIG: cluster.adminKubeconfig },
      }),
    )
  return stack
}
