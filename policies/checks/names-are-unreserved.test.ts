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

test('no node is given the API server’s own name, however it is spelled', () => {
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

test('a node may be called after Kubernetes without being it', () => {
  const names = ['kubernetes-worker-1', 'kubernetes1', 'my.kubernetes', 'a.kubernetes.example.com']
  expectOutcome(namesAreUnreserved, withNames(names), pass)
})

test('no node is given a Service’s name', () => {
  for (const name of ['metrics-server.kube-system.svc', 'svc', 'a.b.SVC'])
    expectReserved(name, 'a Service’s name')
  for (const name of ['worker-1.svc.example.com', 'worker-svc', 'a.notsvc'])
    expectOutcome(namesAreUnreserved, withNames([name]), pass)
})

test('nothing under the cluster domain is given to a node', async () => {
  for (const name of ['cluster.local', 'metrics-server.kube-system.svc.cluster.local', 'a.Cluster.Local'])
    expectReserved(name, 'under the cluster domain')
  expectOutcome(namesAreUnreserved, withNames(['mycluster.local', 'cluster.local.example.com']), pass)
  const rules = await rulesWith({ clusterDomain: 'K8s.Example' })
  expectReserved('a.k8s.example', 'under the cluster domain', rules)
  expectOutcome(namesAreUnreserved, withNames(['a.cluster.local']), pass, rules)
})

test('no node is given the local host', () => {
  for (const name of ['localhost', 'LOCALHOST', 'a.localhost', 'localhost.localdomain'])
    expectReserved(name, 'the local host, RFC 6761 §6.3')
  expectOutcome(namesAreUnreserved, withNames(['localhost1', 'localhost.example.com']), pass)
})

test('a policy reserves names, and with a leading dot all that is under one', async () => {
  const rules = await rulesWith({
    reserved: { names: ['Vault.example.com', '.corp.example'], addresses: [] },
  })
  for (const name of ['vault.example.com', 'VAULT.example.com'])
    expectReserved(name, 'Vault.example.com of reserved.names in the policy', rules)
  for (const name of ['a.corp.example', 'a.b.corp.example'])
    expectReserved(name, '".corp.example" of reserved.names in the policy', rules)
  const free = withNames(['a.vault.example.com', 'corp.example', 'acorp.example'])
  expectOutcome(namesAreUnreserved, free, pass, rules)
})

test('the API server’s names are its own on the control-plane Node that reports them only', () => {
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

test('a control-plane Node may not have what is reserved by rule, nor what is a Service’s as well', () => {
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

test('a reservation of one name holds no other, and one of an address holds no name', () => {
  const value = [apiServer('example.com'), { ...apiServer('worker-1'), kind: 'address' as const }]
  expectOutcome(namesAreUnreserved, withCluster({ reserved: { known: true, value } }), pass)
})

test('reservations that could not be learnt leave a name open, but not one reserved by rule', () => {
  const facts = withCluster({ reserved: notLearnt('the list of Services has not been read yet') })
  expectOutcome(namesAreUnreserved, facts, unknown('the list of Services has not been read yet'))
  const wanted = fail('localhost is reserved: the local host, RFC 6761 §6.3')
  expectOutcome(namesAreUnreserved, withNames(['worker-1', 'localhost'], facts), wanted)
  expectOutcome(namesAreUnreserved, withNames([], facts), pass)
})

test('a Node that could not be read may be the control-plane Node whose name it is', () => {
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
