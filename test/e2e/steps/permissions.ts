/** What the release's service accounts may do, beyond what every service account may. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'
import type { Proof } from '../proof.ts'
import { NAMESPACE, RELEASE } from './product.ts'

const COMPONENTS = ['webhook', 'controller'] as const
const accountOf = (component: string): string => `system:serviceaccount:${NAMESPACE}:${RELEASE}-${component}`
const PLAIN_ACCOUNT = `system:serviceaccount:${NAMESPACE}:default`
const GOLDEN = join(import.meta.dirname, 'permissions.golden.txt')

/** Where a role of ours may be bound: everywhere (seen from a namespace that is none of ours), and by name. */
const NAMESPACES = ['kube-node-lease', NAMESPACE, 'default', 'kube-public']

export async function checkPermissions(proof: Proof, cluster: Cluster): Promise<void> {
  const expected = (await readFile(GOLDEN, 'utf8')).trim()
  const sections: string[] = []
  for (const component of COMPONENTS) {
    const lines = await permissions(cluster, accountOf(component))
    sections.push([`# ${component}`, ...lines].join('\n'))
  }
  const found = sections.join('\n')
  if (found !== expected) proof.print(`found:\n${found}\nbut permissions.golden.txt has:\n${expected}`)
  proof.holds(
    'the accounts may do what permissions.golden.txt says',
    `${found.split('\n').length} lines`,
    found === expected,
  )
  await tryOtherSigner(proof, cluster)
}

/** `namespace: resources [names] [verbs]`, one rule a line. */
async function permissions(cluster: Cluster, account: string): Promise<readonly string[]> {
  const lines: string[] = []
  for (const namespace of NAMESPACES) {
    const plain = new Set(await rulesOf(cluster, PLAIN_ACCOUNT, namespace))
    const own = (await rulesOf(cluster, account, namespace)).filter((rule) => !plain.has(rule))
    lines.push(...own.map((rule) => `${namespace}: ${rule}`))
  }
  const everywhere = new Set(lines.filter((line) => line.startsWith('kube-node-lease: ')).map(afterNamespace))
  return lines
    .filter((line) => line.startsWith('kube-node-lease: ') || !everywhere.has(afterNamespace(line)))
    .map((line) => line.replace(/^kube-node-lease: /, '*: '))
}

async function rulesOf(cluster: Cluster, account: string, namespace: string): Promise<readonly string[]> {
  const flags = ['--list', '--no-headers', `--as=${account}`, `--namespace=${namespace}`]
  const listed = await kubectl(cluster, ['auth', 'can-i', ...flags])
  return listed
    .trim()
    .split('\n')
    .map((line) => withSortedVerbs(line.trim().replaceAll(/\s+/g, ' ')))
    .sort()
}

/** The verbs come last, in the order of the roles that grant them, which is none. */
function withSortedVerbs(line: string): string {
  return line.replace(/\[([^[]*)\]$/, (_, verbs: string) => `[${verbs.split(' ').toSorted().join(' ')}]`)
}

function afterNamespace(line: string): string {
  return line.slice(line.indexOf(': '))
}

/** A client certificate would make its holder anyone: no account must be able to approve one. */
async function tryOtherSigner(proof: Proof, cluster: Cluster): Promise<void> {
  const may = async (component: string, signer: string) => {
    const resourceAttributes = {
      group: 'certificates.k8s.io',
      resource: 'signers',
      verb: 'approve',
      name: signer,
    }
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: accountOf(component), resourceAttributes },
    }
    const allowed = ['create', '--filename=-', '--output=jsonpath={.status.allowed}']
    return await kubectl(cluster, allowed, { input: JSON.stringify(review) })
  }
  const own = await may('controller', 'kubernetes.io/kubelet-serving')
  const other = await may('controller', 'kubernetes.io/kube-apiserver-client')
  const webhooks = await may('webhook', 'kubernetes.io/kubelet-serving')
  proof.holds(
    'the controller may approve for kubelet-serving and for no other signer, the webhook for none',
    `${own}, ${other}, ${webhooks}`,
    own === 'true' && other === 'false' && webhooks === 'false',
  )
}
