/**
 * A real control plane on loopback: etcd, kube-apiserver and kube-controller-manager, ready to admit, authorize and
 * sign. Several run beside each other; none leaves a process or a file behind, even when its parent is killed.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { resolveBinaries } from '../binaries/resolve.ts'
import { MINOR_VARIABLE } from '../binaries/versions.ts'
import { startChild, type Child } from '../kit/child.ts'
import { createAgent, createClient, type Client } from '../kit/client.ts'
import type { Cluster, Person } from '../kit/cluster.ts'
import { temporaryDirectory } from '../kit/directory.ts'
import { compact } from './etcd.ts'
import { writeFiles } from './files.ts'
import { writeKubeconfig } from '../kit/kubeconfig.ts'
import { createAuthority } from '../kit/pki.ts'
import { SERVICE_CIDR, SERVICE_CIDR_V6 } from '../kit/places.ts'
import { freePort } from '../kit/ports.ts'
import { commandOf, isReady, type Layout, type Process } from './processes.ts'
import { createServiceAccount } from '../kit/service/service-account.ts'
import { until } from '../kit/until.ts'
import { textAt } from '../../server/json.ts'

export interface Options {
  /** Also an IPv6 range of Services. */
  readonly dualStack?: boolean
  /** Log requests about CSRs, Nodes and Leases, and all of service accounts, without their bodies, to `auditLog`. */
  readonly audit?: boolean
  /** Admit pods of a `system-` priority class only where a ResourceQuota allows them, as GKE does. */
  readonly limitsPriorities?: boolean
  /** Who signs the certificates of kubelets: the cluster's CA (default), a CA of its own, or nobody. */
  readonly signer?: Layout['signer']
}

export interface ControlPlane extends Cluster {
  /** The CA that signs the certificates of kubelets. */
  readonly kubeletCaPem: string
  readonly auditLog: string
  pidOf(process: Process): number
  tailOf(process: Process): Promise<string>
  /** Connections stay open, and nothing answers. */
  pauseApiServer(): Promise<void>
  resumeApiServer(): void
  /** SIGKILL. */
  killApiServer(): Promise<void>
  /** Nothing signs meanwhile. */
  pauseControllerManager(): Promise<void>
  resumeControllerManager(): void
  /** Same port, same data; resolves when it is ready. Ends a running one first. */
  restartApiServer(): Promise<void>
  /** Compacts etcd at its present revision, so that older watches cannot be resumed from it. */
  compactEtcd(): Promise<void>
}

const PROCESSES = ['etcd', 'kube-apiserver', 'kube-controller-manager'] as const

/** Measured at 4 to 7 s on 2 idle cores; the rest is for loaded ones. */
const START_MS = 90_000
const POLL_MS = 50
/** Before a controller manager that ended is started again. */
const RESTART_MS = 500
/** The admin's, and so of everyone impersonated: a burst of a thousand nodes goes through them. */
const ADMIN_SOCKETS = 64

export async function startControlPlane(options: Options = {}): Promise<ControlPlane> {
  const program = await resolveBinaries(PROCESSES)
  await using stack = new AsyncDisposableStack()
  const { path: directory } = stack.use(await temporaryDirectory('cluster'))
  const layout: Layout = {
    directory,
    program,
    ports: {
      etcd: await freePort(),
      'kube-apiserver': await freePort(),
      'kube-controller-manager': await freePort(),
    },
    serviceCidrs: options.dualStack ? [SERVICE_CIDR, SERVICE_CIDR_V6] : [SERVICE_CIDR],
    audit: options.audit ?? false,
    limitsPriorities: options.limitsPriorities ?? false,
    signer: options.signer ?? 'shared',
  }
  const url = `https://127.0.0.1:${layout.ports['kube-apiserver']}`
  const authority = await createAuthority('kubernetes')
  const kubeletAuthority = layout.signer === 'own' ? await createAuthority('kubelet-serving') : authority
  const adminPair = await writeFiles(layout, url, { authority, kubeletAuthority })
  const credentials = { caPem: authority.certPem, ...adminPair }

  const children = new Map<Process, Child>()
  const run = async (names: readonly Process[]) => {
    for (const name of names) {
      const child = startChild(commandOf(name, layout))
      if (!children.has(name)) stack.defer(() => children.get(name)?.stop())
      children.set(name, child)
    }
    for (const name of names) await untilReady(name, children, () => isReady(name, layout, credentials))
  }
  // The API server waits for etcd by itself; the controller manager gives up where there is no API server.
  await run(['etcd', 'kube-apiserver'])
  await run(['kube-controller-manager'])

  void keepControllerManager(children, layout, stack)

  const child = (name: Process) => {
    const running = children.get(name)
    if (running === undefined) throw new Error(`${name} was never started`)
    return running
  }
  const agent = stack.adopt(createAgent(credentials, ADMIN_SOCKETS), (shared) => shared.destroy())
  const admin = createClient(url, credentials, agent)
  const minor = await minorOfServer(admin)
  const owned = stack.move()
  let kubeconfigs = 0
  const kubeconfigPath = () => join(directory, `user-${++kubeconfigs}.kubeconfig`)
  const stop = () => owned.disposeAsync()
  const pairFor = ({ user, groups = [] }: Person) =>
    authority.issue({ commonName: user, organizations: groups })

  const restartApiServer = async () => {
    await child('kube-apiserver').stop()
    await run(['kube-apiserver'])
  }
  const compactEtcd = () => compact(`http://127.0.0.1:${layout.ports.etcd}`)

  return {
    url,
    minor,
    caPem: authority.certPem,
    kubeletCaPem: kubeletAuthority.certPem,
    directory,
    adminKubeconfig: join(directory, 'admin.kubeconfig'),
    auditLog: join(directory, 'audit.log'),
    admin,
    adminRequest: (method, path, body) => admin.request(method, path, body),
    issue: (holder) => authority.issue(holder),
    clientFor: async (person) =>
      owned.use(createClient(url, { caPem: authority.certPem, ...(await pairFor(person)) })),
    impersonate: ({ user, groups = [] }) =>
      createClient(url, { ...credentials, impersonate: { user, groups } }, agent),
    kubeconfigFor: async (person) =>
      writeKubeconfig(kubeconfigPath(), url, { caPem: authority.certPem, ...(await pairFor(person)) }),
    createServiceAccountKubeconfig: async (account, server = url) => {
      const token = await createServiceAccount(admin, account)
      return writeKubeconfig(kubeconfigPath(), server, { caPem: authority.certPem, token })
    },
    grantCsrCreation: async (users) => await grantCsrCreation(admin, users),
    pidOf: (name) => child(name).pid,
    tailOf: (name) => child(name).tail(),
    pauseApiServer: () => child('kube-apiserver').pause(),
    resumeApiServer: () => child('kube-apiserver').resume(),
    killApiServer: () => child('kube-apiserver').kill(),
    pauseControllerManager: () => child('kube-controller-manager').pause(),
    resumeControllerManager: () => child('kube-controller-manager').resume(),
    restartApiServer,
    compactEtcd,
    // The API server's watch cache remembers what etcd forgot.
    forgetVersions: async () => {
      await compactEtcd()
      await restartApiServer()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

const RBAC = '/apis/rbac.authorization.k8s.io/v1'

/** As a careless administrator would. */
export async function grantCsrCreation(admin: Client, users: readonly string[]): Promise<void> {
  const metadata = { name: 'csr-creators' }
  const apiGroup = 'rbac.authorization.k8s.io'
  const role = {
    metadata,
    rules: [
      { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'], verbs: ['create'] },
    ],
  }
  const binding = {
    metadata,
    subjects: users.map((name) => ({ apiGroup, kind: 'User', name })),
    roleRef: { apiGroup, kind: 'ClusterRole', name: metadata.name },
  }
  for (const [path, object] of [
    ['clusterroles', role],
    ['clusterrolebindings', binding],
  ] as const) {
    const { status, body } = await admin.request('POST', `${RBAC}/${path}`, object)
    if (status !== 201) throw new Error(`POST ${path}: ${status} ${textAt(body, 'message')}`)
  }
}

/** Rejects when the environment names another minor: programs of a folder that it also names come before ours. */
async function minorOfServer(admin: Client): Promise<string> {
  const { body } = await admin.request('GET', '/version')
  const minor = `${textAt(body, 'major')}.${textAt(body, 'minor')}`
  const named = process.env[MINOR_VARIABLE]
  if (named && named !== minor)
    throw new Error(`kube-apiserver is ${minor}, and ${MINOR_VARIABLE} is ${named}`)
  return minor
}

/** As a kubelet does for its static Pod: the controller manager ends where the API server goes away as it starts. */
async function keepControllerManager(
  children: Map<Process, Child>,
  layout: Layout,
  stack: AsyncDisposableStack,
): Promise<void> {
  let stopping = false
  stack.defer(() => {
    stopping = true
  })
  for (;;) {
    await children.get('kube-controller-manager')?.gone
    await sleep(RESTART_MS, undefined, { ref: false })
    if (stopping) return
    children.set('kube-controller-manager', startChild(commandOf('kube-controller-manager', layout)))
  }
}

/** Rejects with the log's tail when a process ended, or is not ready in time. */
async function untilReady(
  name: Process,
  children: ReadonlyMap<Process, Child>,
  ready: () => Promise<boolean>,
) {
  // The controller manager gives up without an API server, and is started again: see above.
  const awaited = [...children].filter(
    ([process]) => process === name || process !== 'kube-controller-manager',
  )
  const endedChild = () => awaited.map(([, child]) => child).find((child) => child.ended() !== null)
  const look = async () => endedChild() ?? ((await ready()) && 'ready')
  const found = await until(look, `${name} is ready`, START_MS, POLL_MS).catch(async (cause: unknown) => {
    throw new Error(`${name} is not ready after ${START_MS / 1000} s:\n${await children.get(name)?.tail()}`, {
      cause,
    })
  })
  if (found !== 'ready')
    throw new Error(
      `${found.name} ended (${found.ended()}) while ${name} was starting:\n${await found.tail()}`,
    )
}
