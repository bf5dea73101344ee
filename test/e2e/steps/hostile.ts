/** A worker whose key was stolen asks for what is not its own, through the real webhook. */
import type { RequestShape } from '../../kit/requests/request.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'
import { API_SERVICE_ADDRESS } from '../../kubeadm/kubeadm.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'
import type { Host } from '../../kubeadm/hosts/host.ts'
import type { Proof } from '../proof.ts'
import { servingCsr, submitAsNode } from './requests.ts'

interface Attempt {
  /** What it asks for, for the table. */
  readonly asks: string
  readonly shape: RequestShape
  readonly code: string
}

/** Each names the node's own as well, but for one thing. */
export function attemptsOf(
  thief: Host,
  victim: { readonly name: string; readonly address: string },
): readonly Attempt[] {
  const { name, address } = thief.plan
  return [
    { asks: 'the name of another node', shape: { dnsNames: [name, victim.name] }, code: 'NameNotOfNode' },
    {
      asks: 'the address of another node',
      shape: { addresses: [address, victim.address] },
      code: 'AddressNotOfNode',
    },
    {
      asks: 'the name of the API server',
      shape: { dnsNames: [name, 'kubernetes.default.svc'] },
      code: 'NameReserved',
    },
    { asks: 'a ClusterIP', shape: { addresses: [address, API_SERVICE_ADDRESS] }, code: 'AddressReserved' },
  ]
}

/** Tries each; all must be refused at creation with their code, and nothing of them stored. */
export async function tryAttempts(
  proof: Proof,
  cluster: Cluster,
  thief: Host,
  attempts: readonly Attempt[],
): Promise<void> {
  for (const { asks, shape, code } of attempts) {
    const { code: exit, stderr } = await submitAsNode(cluster, thief, servingCsr(thief, shape, HOSTILE))
    proof.print(`$ kubectl create -f -   # ${thief.plan.name} asks for ${asks}`)
    proof.print(stderr)
    const refused = exit !== 0 && stderr.includes(`denied the request: ${code}: `)
    proof.holds(
      `${asks} is refused to ${thief.plan.name}`,
      refused ? code : `exit ${exit}, not ${code}`,
      refused,
    )
  }
  const stored = (await kubectl(cluster, ['get', 'csr', '-o', 'name']))
    .split('\n')
    .filter((name) => name.includes(HOSTILE))
  proof.holds('no refused request is stored', `${stored.length} stored`, stored.length === 0)
}

/** A webhook that refuses everything would pass the above. */
export async function tryHonest(proof: Proof, cluster: Cluster, host: Host): Promise<void> {
  const { code, stderr } = await submitAsNode(cluster, host, servingCsr(host, {}), ['--dry-run=server'])
  proof.holds(
    `what is ${host.plan.name}'s own is not refused`,
    code === 0 ? 'admitted' : stderr.trim(),
    code === 0,
  )
}

const HOSTILE = 'hostile-'
