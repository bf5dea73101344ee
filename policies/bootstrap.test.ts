import { deepEqual, equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { goodFacts } from './good-request.fixture.ts'
import { judgeBootstrap, rejoinGroup } from './bootstrap.ts'
import type { Known, ParsedRequest } from './types.ts'

const caller = { username: 'system:bootstrap:a1b2c3', uid: '', groups: ['system:bootstrappers'], extra: {} }
const existing: Known<boolean> = { known: true, value: true }

/** A request with these common names, the good one's apart from that. */
function named(...commonNames: readonly string[]): ParsedRequest {
  const subject = commonNames.map((value) => [{ oid: '2.5.4.3', encoding: 'UTF8String', value, at: 0 }])
  return { ...goodFacts.request, subject }
}

const judge = (request: ParsedRequest, exists: Known<boolean> = existing, groups = caller.groups) =>
  judgeBootstrap({ caller: { ...caller, groups }, request, exists: () => exists }, '0123456789ab')

test('a bootstrap token obtains no client certificate of a Node that exists, and the message says what to do', () => {
  const { verdict, message } = judge(named('system:node:cp-1.example.com'))
  equal(verdict, 'deny')
  equal(
    message,
    'NodeExists: the Node cp-1.example.com exists, and a bootstrap token cannot obtain its client certificate. To install ' +
      'the machine again, delete the Node, or use a token with the group system:bootstrappers:rejoin:cp-1:example:com',
  )
})

test('a bootstrap token obtains the client certificate of a new node', () => {
  const asked: string[] = []
  const exists = (node: string): Known<boolean> => {
    asked.push(node)
    return { known: true, value: false }
  }
  equal(judgeBootstrap({ caller, request: named('system:node:new'), exists }, '').verdict, 'approve')
  deepEqual(asked, ['new'])
})

test('a token for that Node alone obtains the client certificate again', () => {
  const groupsFor = (node: string) => [...caller.groups, rejoinGroup(node)]
  equal(judge(named('system:node:cp-1'), existing, groupsFor('cp-1')).verdict, 'approve')
  equal(judge(named('system:node:cp-10'), existing, groupsFor('cp-1')).verdict, 'deny')
  equal(judge(named('system:node:cp-1.a'), existing, groupsFor('cp-1-a')).verdict, 'deny')
})

test('the group of a token has the form that Kubernetes allows', () => {
  for (const node of ['cp-1', 'ip-10-0-0-1.ec2.internal', '1'])
    match(rejoinGroup(node), /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/u)
})

test('where it is not known whether the Node exists, nothing is approved', () => {
  const { verdict, message } = judge(named('system:node:cp-1'), { known: false, because: 'no list yet' })
  equal(verdict, 'unknown')
  equal(
    message,
    'NodesUnknown: whether the Node cp-1 exists is not known now. See the log of kubelet-csr-gate',
  )
})

test('a request that Go could read differently is refused', () => {
  const several = judge(named('system:node:new', 'system:node:cp-1'), { known: true, value: false })
  equal(
    several.message,
    'ClientCsrUnreadable: the common names are system:node:new, system:node:cp-1. Only one is allowed',
  )
  const fault = { readable: false, code: 'PemHeader', at: 3, message: 'the block has a header' } as const
  const unreadable = judgeBootstrap({ caller, request: fault, exists: () => existing }, '')
  deepEqual(
    [unreadable.verdict, unreadable.message],
    ['deny', 'ClientCsrUnreadable: the block has a header (PemHeader)'],
  )
})

test('a request that names no node is left to others', () => {
  for (const name of ['admin', 'system:node:', 'system:node:CP-1'])
    equal(judge(named(name)).verdict, 'approve')
  equal(judge(named()).verdict, 'approve')
})
