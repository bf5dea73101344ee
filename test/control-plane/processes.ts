/** The flags of the three processes of a control plane: those of kubeadm, where they matter here. */
import { join } from 'node:path'
import { createClient } from '../kit/client.ts'
import type { Command } from '../kit/child.ts'
import type { PathOf } from '../binaries/resolve.ts'
import { ADVERTISED_ADDRESS } from '../kit/places.ts'

export type Process = 'etcd' | 'kube-apiserver' | 'kube-controller-manager'

/** Everything that the processes are given: paths below `directory`, ports on 127.0.0.1. */
export interface Layout {
  readonly directory: string
  readonly ports: Readonly<Record<Process, number>>
  readonly program: PathOf<Process>
  readonly serviceCidrs: readonly string[]
  readonly audit: boolean
  readonly limitsPriorities: boolean
  /** Who signs the certificates of kubelets. */
  readonly signer: 'shared' | 'own' | 'none'
}

/** Those that have work in a cluster without nodes. The others would only watch, and cost memory. */
const CONTROLLERS = [
  'csrapproving',
  'csrcleaner',
  'csrsigning',
  'clusterrole-aggregation',
  'namespace',
  'root-ca-cert-publisher',
  'serviceaccount',
  'serviceaccount-token',
  'service-cidr-controller',
]

export function commandOf(name: Process, layout: Layout): Command {
  const flags = { etcd, 'kube-apiserver': apiServer, 'kube-controller-manager': controllerManager }[name](
    layout,
  )
  return {
    name,
    path: layout.program(name),
    args: Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    logFile: join(layout.directory, `${name}.log`),
  }
}

type Flags = Readonly<Record<string, string | number | boolean>>

function etcd({ directory, ports }: Layout): Flags {
  const url = `http://127.0.0.1:${ports.etcd}`
  return {
    name: 'default',
    'data-dir': join(directory, 'etcd'),
    'listen-client-urls': url,
    'advertise-client-urls': url,
    // There are no peers.
    'listen-peer-urls': 'http://127.0.0.1:0',
    // The data is gone with the test; waiting for the disk would only be slow.
    'unsafe-no-fsync': true,
    'log-level': 'warn',
  }
}

function apiServer({ directory, ports, serviceCidrs, audit, limitsPriorities }: Layout): Flags {
  const file = (name: string) => join(directory, name)
  return {
    'etcd-servers': `http://127.0.0.1:${ports.etcd}`,
    'bind-address': '127.0.0.1',
    'secure-port': ports['kube-apiserver'],
    'advertise-address': ADVERTISED_ADDRESS,
    'tls-cert-file': file('apiserver.crt'),
    'tls-private-key-file': file('apiserver.key'),
    'client-ca-file': file('ca.crt'),
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': file('sa.pub'),
    'service-account-signing-key-file': file('sa.key'),
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'enable-bootstrap-token-auth': true,
    'service-cluster-ip-range': serviceCidrs.join(','),
    'allow-privileged': true,
    profiling: false,
    ...(limitsPriorities && { 'admission-control-config-file': file('limited-priorities.yaml') }),
    ...(audit
      ? {
          'audit-policy-file': file('audit-policy.yaml'),
          'audit-log-path': file('audit.log'),
          'audit-log-mode': 'batch',
        }
      : {}),
  }
}

/** The four signers of kube-controller-manager; the first has a CA of its own. */
const SIGNERS = {
  'kubelet-serving': 'kubelet-ca',
  'kubelet-client': 'ca',
  'kube-apiserver-client': 'ca',
  'legacy-unknown': 'ca',
}

/** One pair of files for all signers, or one for each: kube-controller-manager refuses both at once. */
function signingFlags({ directory, signer }: Layout): Flags {
  const pair = (prefix: string, ca: string) => [
    [`cluster-signing-${prefix}cert-file`, join(directory, `${ca}.crt`)],
    [`cluster-signing-${prefix}key-file`, join(directory, `${ca}.key`)],
  ]
  const pairs =
    signer === 'own' ? Object.entries(SIGNERS).flatMap(([name, ca]) => pair(`${name}-`, ca)) : pair('', 'ca')
  return Object.fromEntries(pairs)
}

function controllerManager(layout: Layout): Flags {
  const { directory, ports, signer, limitsPriorities } = layout
  const file = (name: string) => join(directory, name)
  const kubeconfig = file('controller-manager.kubeconfig')
  return {
    kubeconfig,
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    'bind-address': '127.0.0.1',
    'secure-port': ports['kube-controller-manager'],
    'tls-cert-file': file('apiserver.crt'),
    'tls-private-key-file': file('apiserver.key'),
    'leader-elect': false,
    controllers: [
      ...CONTROLLERS.filter((name) => signer !== 'none' || name !== 'csrsigning'),
      ...(limitsPriorities ? ['resourcequota'] : []),
    ].join(','),
    ...signingFlags(layout),
    'root-ca-file': file('ca.crt'),
    'service-account-private-key-file': file('sa.key'),
    'use-service-account-credentials': true,
    // At its defaults of 20 and 30 the signer, not the approver, sets the pace: 24 certificates a second.
    'kube-api-qps': 1_000,
    'kube-api-burst': 2_000,
    profiling: false,
  }
}

/** Whether a process answers that it is well; throws nothing. `caPem` and a client certificate open the API server. */
export async function isReady(
  name: Process,
  { ports }: Layout,
  admin: { readonly caPem: string; readonly certPem: string; readonly keyPem: string },
): Promise<boolean> {
  const port = ports[name]
  try {
    if (name === 'etcd') {
      const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(1_000) })
      return ok
    }
    using client = createClient(`https://127.0.0.1:${port}`, admin)
    const answer = await client.text(name === 'kube-apiserver' ? '/readyz' : '/healthz')
    return answer === 'ok'
  } catch {
    return false
  }
}
