import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, withCsr } from '../good-request.fixture.ts'
import { usagesAreServing } from './usages-are-serving.ts'

test('the two sets of usages that kubelets send are well, in any order', () => {
  for (const usages of [
    ['digital signature', 'server auth'],
    ['server auth', 'digital signature'],
    ['key encipherment', 'server auth', 'digital signature'],
  ])
    expectOutcome(usagesAreServing, withCsr({ usages }), pass)
})

test('a serving certificate may not be an identity too', () => {
  const usages = ['digital signature', 'server auth', 'client auth']
  const wanted = fail('usages "digital signature", "server auth", "client auth"')
  expectOutcome(usagesAreServing, withCsr({ usages }), wanted)
})

test('nothing may be missing', () => {
  expectOutcome(usagesAreServing, withCsr({ usages: [] }), fail('usages none'))
  expectOutcome(usagesAreServing, withCsr({ usages: ['server auth'] }), fail('usages "server auth"'))
  const withoutServer = ['digital signature', 'key encipherment']
  const wanted = fail('usages "digital signature", "key encipherment"')
  expectOutcome(usagesAreServing, withCsr({ usages: withoutServer }), wanted)
})

test('a usage stands once, and to the letter', () => {
  const twice = ['digital signature', 'server auth', 'server auth', 'key encipherment']
  const wanted = fail('usages "digital signature", "server auth", "server auth" and 1 more')
  expectOutcome(usagesAreServing, withCsr({ usages: twice }), wanted)
  const spelled = fail('usages "Digital Signature", "server auth"')
  expectOutcome(usagesAreServing, withCsr({ usages: ['Digital Signature', 'server auth'] }), spelled)
})
