import { test } from 'node:test'
import { fail, pass, unknown } from '../check.ts'
import {
  defaultRules,
  expectOutcome,
  goodFacts,
  notLearnt,
  rulesWith,
  withCluster,
  withNames,
  withNode,
} from '../good-request.fixture.ts'
import type { Reservation } from '../types.ts'
import { namesAreUnreserved } from './names-are-unreserved.ts'

test('no node may have the API server’s own name, in any spelling', () => {
  for (const name of [
    'kubernetes',
    'KUBERNETES',
    'kubernetes.default',
    'kubernetes.default.svc',
    'Kubernetes.Default.svc.cluster.local',
    'kubernetes.example.com',
  ])
    expectReserved(name, 'the API server’s own name')
})

test('a node name may contain the word kubernetes', () => {
  const names = ['kubernetes-worker-1', 'kubernetes1', 'my.kubernetes', 'a.kubernetes.example.com']
  expectOutcome(namesAreUnreserved, withNames(names), pass)
})

test('no node may have the name of a Service', () => {
  for (const name of ['metrics-server.kube-system.svc', 'svc', 'a.b.SVC'])
    expectReserved(name, 'a Service’s name')
  for (const name of ['worker-1.svc.example.com', 'worker-svc', 'a.notsvc'])
    expectOutcome(namesAreUnreserved, withNames([name]), pass)
})

test('no node may have a name under the cluster domain', async () => {
  for (const name of ['cluster.local', 'metrics-server.kube-system.svc.cluster.local', 'a.Cluster.Local'])
    expectReserved(name, 'under the cluster domain')
  expectOutcome(namesAreUnreserved, withNames(['mycluster.local', 'cluster.local.example.com']), pass)
  const rules = await rulesWith({ clusterDomain: 'K8s.Example' })
  expectReserved('a.k8s.example', 'under the cluster domain', rules)
  expectOutcome(namesAreUnreserved, withNames(['a.cluster.local']), pass, rules)
})

test('no node may have the name of the local host', () => {
  for (const name of ['localhost', 'LOCALHOST', 'a.localhost'])
    expectReserved(name, 'the local host, RFC 6761 §6.3')
  for (const name of ['localhost.localdomain', 'localhost4', 'Localhost6', 'ip6-localhost', 'ip6-loopback'])
    expectReserved(name, 'the local host in common hosts files')
  for (const name of ['localhost4.localdomain4', 'localhost6.localdomain6'])
    expectReserved(name, 'the local host in common hosts files')
  expectOutcome(namesAreUnreserved, withNames(['localhost1', 'localhost.example.com']), pass)
})

test('no node may have a name that container engines, clouds or pods give to something else', () => {
  for (const name of ['host.docker.internal', 'gateway.docker.internal', 'host.containers.internal'])
    expectReserved(name, 'the host or gateway of a container engine')
  expectReserved('host.minikube.internal', 'the host or gateway of a container engine')
  expectReserved('Metadata.google.internal', 'a cloud’s metadata service')
  expectReserved('metrics-server', 'a component’s name, as pods in kube-system resolve it')
  for (const name of ['kube-dns.kube-system', 'a.b.kube-system'])
    expectReserved(name, 'a Service’s name in the namespace kube-system, as pods resolve it')
  for (const namespace of ['default', 'kube-public', 'kube-node-lease'])
    expectReserved(`x.${namespace}`, `a Service’s name in the namespace ${namespace}, as pods resolve it`)
  const free = ['kube-system', 'default', 'metrics-server-1', 'a.kube-system.example.com', 'xdefault']
  expectOutcome(namesAreUnreserved, withNames(free), pass)
})

test('a name that is made of hexadecimal digits is no address of a reserved range', () => {
  const range = { kind: 'prefix', value: '0a600000/16', origin: 'a Service range', apiServer: false } as const
  const facts = withCluster({ reserved: { known: true, value: [range] } })
  expectOutcome(namesAreUnreserved, withNames(['0a600001'], facts), pass)
})

test('a reserved domain covers itself and every name under it', () => {
  const domain = {
    kind: 'domain',
    value: 'svc.corp.internal',
    origin: 'the cluster’s',
    apiServer: false,
  } as const
  const facts = withCluster({ reserved: { known: true, value: [domain] } })
  for (const name of ['vault.vault.svc.corp.internal', 'SVC.corp.internal'])
    expectOutcome(
      namesAreUnreserved,
      withNames([name], facts),
      fail(`${name.toLowerCase()} is reserved: the cluster’s`),
    )
  expectOutcome(namesAreUnreserved, withNames(['asvc.corp.internal', 'worker-1.corp.internal'], facts), pass)
})

test('a policy reserves names, and with a leading dot all names under a domain', async () => {
  const rules = await rulesWith({
    reserved: { names: ['Vault.example.com', '.corp.example'], addresses: [], namespaces: [] },
  })
  for (const name of ['vault.example.com', 'VAULT.example.com'])
    expectReserved(name, 'Vault.example.com of reserved.names in the policy', rules)
  for (const name of ['a.corp.example', 'a.b.corp.example'])
    expectReserved(name, '".corp.example" of reserved.names in the policy', rules)
  const free = withNames(['a.vault.example.com', 'corp.example', 'acorp.example'])
  expectOutcome(namesAreUnreserved, free, pass, rules)
})

test('a policy reserves the names of Services in namespaces, as pods resolve them', async () => {
  const rules = await rulesWith({ reserved: { names: [], addresses: [], namespaces: ['vault'] } })
  for (const name of ['api.vault', 'API.vault', 'a.b.vault'])
    expectReserved(name, 'a Service’s name in the namespace vault, as pods resolve it', rules)
  expectReserved('a.kube-system', 'a Service’s name in the namespace kube-system, as pods resolve it', rules)
  expectReserved('api.vault.svc', 'a Service’s name', rules)
  expectReserved('api.vault.svc.cluster.local', 'under the cluster domain', rules)
  expectOutcome(namesAreUnreserved, withNames(['vault', 'api.vault.example.com', 'api.avault']), pass, rules)
})

test('only a control-plane Node that reports the API server’s names may have them', () => {
  const reserved = { known: true, value: [apiServer('cp-1.example.com')] } as const
  const asks = withNames(['CP-1.example.com'], withCluster({ reserved }))
  const refused = fail(
    'cp-1.example.com is reserved: in the API server’s own certificate. Only a Node that reports it and has the label node-role.kubernetes.io/control-plane may ask for it',
  )
  const names = ['cp-1.example.com']
  expectOutcome(namesAreUnreserved, withNode({ names, controlPlane: true }, asks), pass)
  expectOutcome(namesAreUnreserved, withNode({ names, controlPlane: false }, asks), refused)
  expectOutcome(namesAreUnreserved, withNode({ names: [], controlPlane: true }, asks), refused)
  expectOutcome(namesAreUnreserved, withCluster({ node: { known: true, value: null } }, asks), refused)
})

test('a control-plane Node may not have names reserved by rule, nor names that a Service has too', () => {
  const names = ['kubernetes', 'shared.example.com']
  const service = {
    kind: 'name',
    value: 'shared.example.com',
    origin: 'a Service',
    apiServer: false,
  } as const
  const reserved = {
    known: true,
    value: [apiServer('kubernetes'), apiServer('shared.example.com'), service],
  } as const
  const node = withNode({ names, controlPlane: true }, withCluster({ reserved }))
  const byRule = fail('kubernetes is reserved: the API server’s own name')
  expectOutcome(namesAreUnreserved, withNames(['kubernetes'], node), byRule)
  const byService = fail('shared.example.com is reserved: a Service')
  expectOutcome(namesAreUnreserved, withNames(['shared.example.com'], node), byService)
})

test('a reservation covers exactly its own name, and a reservation of an address covers no name', () => {
  const value = [apiServer('example.com'), { ...apiServer('worker-1'), kind: 'address' as const }]
  expectOutcome(namesAreUnreserved, withCluster({ reserved: { known: true, value } }), pass)
})

test('if the reservations are unknown, a name is unknown too, unless it is reserved by rule', () => {
  const facts = withCluster({ reserved: notLearnt('the list of Services has not been read yet') })
  expectOutcome(namesAreUnreserved, facts, unknown('the list of Services has not been read yet'))
  const wanted = fail('localhost is reserved: the local host, RFC 6761 §6.3')
  expectOutcome(namesAreUnreserved, withNames(['worker-1', 'localhost'], facts), wanted)
  expectOutcome(namesAreUnreserved, withNames([], facts), pass)
})

test('if the Node is unknown, a name of the API server is unknown too', () => {
  const reserved = { known: true, value: [apiServer('worker-1')] } as const
  const facts = withCluster({ reserved, node: notLearnt('the Node could not be read: 0 TimedOut') })
  expectOutcome(namesAreUnreserved, facts, unknown('the Node could not be read: 0 TimedOut'))
  const wanted = fail('localhost is reserved: the local host, RFC 6761 §6.3')
  expectOutcome(namesAreUnreserved, withNames(['worker-1', 'localhost'], facts), wanted)
})

function expectReserved(name: string, origin: string, rules = defaultRules): void {
  const facts = withNode({ names: [name.toLowerCase()], controlPlane: true }, withNames(['worker-1', name]))
  const wanted = fail(`${name.toLowerCase()} is reserved: ${origin}`)
  expectOutcome(namesAreUnreserved, facts, wanted, rules)
  expectOutcome(namesAreUnreserved, goodFacts, pass, rules)
}

function apiServer(value: string): Reservation {
  return { kind: 'name', value, origin: 'in the API server’s own certificate', apiServer: true }
}
