/** A worker whose key was stolen reports another's address as its own, which Kubernetes lets it, and then asks for it. */
import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'
import type { Host } from '../../kubeadm/hosts/host.ts'
import { eventually } from '../../kit/until.ts'
import type { Proof } from '../proof.ts'
import { report } from './liars.ts'
import { servingCsr, submitAsNode } from './requests.ts'

export async function tryLie(proof: Proof, cluster: Cluster, thief: Host, victim: Host): Promise<void> {
  const told = await eventually('the lie reaches the webhook', 20, async () => {
    await report(cluster, thief, [victim.plan.address]) // every time: the honest kubelet beside the thief sets its Node right again
    const both = [thief.plan.address, victim.plan.address]
    const { stderr } = await submitAsNode(cluster, thief, servingCsr(thief, { addresses: both }, 'hostile-'))
    return stderr.includes('AddressNotOfNode') ? undefined : stderr.trim()
  })
  proof.print(
    `$ kubectl create -f -   # ${thief.plan.name} reports the address of ${victim.plan.name}, and asks for it\n${told}`,
  )
  await isContested(proof, cluster, victim)
  await renewMeanwhile(proof, cluster, thief, victim)
}

/** The webhook leaves it to the controller, which dials the address, and tells who answers there. */
async function isContested(proof: Proof, cluster: Cluster, victim: Host): Promise<void> {
  const query = ['get', 'events', '-n=default', '--field-selector=reason=AddressContested']
  const told = await eventually('the controller tells whose the address is', 60, async () => {
    const messages = await kubectl(cluster, [...query, '-o=jsonpath={.items[*].message}'])
    return messages.includes(`the kubelet of Node ${victim.plan.name} answers`) ? messages : undefined
  })
  const approved = '-o=jsonpath={.items[?(@.status.conditions[0].type=="Approved")].metadata.name}'
  const names = await kubectl(cluster, ['get', 'csr', approved])
  proof.print(told)
  proof.holds(
    `${victim.plan.name}'s address is not approved for a Node that reports it too`,
    'AddressContested',
    !names.includes('hostile-'),
  )
}

/** The lie must not cost its victim anything. */
async function renewMeanwhile(proof: Proof, cluster: Cluster, thief: Host, victim: Host): Promise<void> {
  await report(cluster, thief, [victim.plan.address])
  const { code, stdout, stderr } = await submitAsNode(cluster, victim, servingCsr(victim, {}), ['-o=name'])
  if (code !== 0) return proof.holds(`${victim.plan.name} renews meanwhile`, stderr.trim(), false)
  const csr = stdout.trim()
  const condition = await eventually(`${csr} is decided`, 20, async () => {
    const type = await kubectl(cluster, ['get', csr, '-o=jsonpath={.status.conditions[0].type}'])
    return type === '' ? undefined : type
  })
  proof.holds(`${victim.plan.name} renews meanwhile`, condition, condition === 'Approved')
}
