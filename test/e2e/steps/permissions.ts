/** What the release's service account may do, beyond what every service account may. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'
import type { Proof } from '../proof.ts'
import { NAMESPACE, RELEASE } from './product.ts'

const ACCOUNT = `system:serviceaccount:${NAMESPACE}:${RELEASE}`
const PLAIN_ACCOUNT = `system:serviceaccount:${NAMESPACE}:default`
const GOLDEN = join(import.meta.dirname, 'permissions.golden.txt')

/** Where a role of ours may be bound: everywhere (seen from a namespace that is none of ours), and by name. */
const NAMESPACES = ['kube-node-lease', NAMESPACE, 'default', 'kube-public']

export async function checkPermissions(proof: Proof, cluster: Cluster): Promise<void> {
  const expected = (await readFile(GOLDEN, 'utf8')).trim()
  const found = (await permissions(cluster)).join('\n')
  if (found !== expected) proof.print(`found:\n${found}\nbut permissions.golden.txt has:\n${expected}`)
  proof.holds(
    'the account may do what permissions.golden.txt says',
    `${found.split('\n').length} lines`,
    found === expected,
  )
  await tryOtherSigner(proof, cluster)
}

/** `namespace: resources [names] [verbs]`, one rule a line. */
async function permissions(cluster: Cluster): Promise<readonly string[]> {
  const lines: string[] = []
  for (const namespace of NAMESPACES) {
    const plain = new Set(await rulesOf(cluster, PLAIN_ACCOUNT, namespace))
    const own = (await rulesOf(cluster, ACCOUNT, namespace)).filter((rule) => !plain.has(rule))
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
    .map((line) => line.trim().replaceAll(/\s+/g, ' '))
    .sort()
}

function afterNamespace(line: string): string {
  return line.slice(line.indexOf(': '))
}

/** A client certificate would make its holder anyone: the account must not be able to approve one. */
async function tryOtherSigner(proof: Proof, cluster: Cluster): Promise<void> {
  const may = async (signer: string) => {
    const resourceAttributes = {
      group: 'certificates.k8s.io',
      resource: 'signers',
      verb: 'approve',
      name: signer,
    }
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: ACCOUNT, resourceAttributes },
    }
    const allowed = ['create', '--filename=-', '--output=jsonpath={.status.allowed}']
    return await kubectl(cluster, allowed, { input: JSON.stringify(review) })
  }
  const own = await may('kubernetes.io/kubelet-serving')
  const other = await may('kubernetes.io/kube-apiserver-client')
  const held = own === 'true' && other === 'false'
  proof.holds(
    'the account may approve for kubelet-serving, and for no other signer',
    `${own}, ${other}`,
    held,
  )
}
