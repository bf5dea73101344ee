import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, withCsr } from '../good-request.fixture.ts'
import { usagesAreServing } from './usages-are-serving.ts'

const ALLOWED = 'Allowed: "digital signature" and "server auth", with or without "key encipherment"'

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
  const wanted = fail(`the usages are "digital signature", "server auth", "client auth". ${ALLOWED}`)
  expectOutcome(usagesAreServing, withCsr({ usages }), wanted)
})

test('nothing may be missing', () => {
  expectOutcome(usagesAreServing, withCsr({ usages: [] }), fail(`the usages are (none). ${ALLOWED}`))
  expectOutcome(
    usagesAreServing,
    withCsr({ usages: ['server auth'] }),
    fail(`the usages are "server auth". ${ALLOWED}`),
  )
  const withoutServer = ['digital signature', 'key encipherment']
  const wanted = fail(`the usages are "digital signature", "key encipherment". ${ALLOWED}`)
  expectOutcome(usagesAreServing, withCsr({ usages: withoutServer }), wanted)
})

test('a usage stands once, and to the letter', () => {
  const twice = ['digital signature', 'server auth', 'server auth', 'key encipherment']
  const wanted = fail(
    `the usages are "digital signature", "server auth", "server auth" and 1 more. ${ALLOWED}`,
  )
  expectOutcome(usagesAreServing, withCsr({ usages: twice }), wanted)
  const spelled = fail(`the usages are "Digital Signature", "server auth". ${ALLOWED}`)
  expectOutcome(usagesAreServing, withCsr({ usages: ['Digital Signature', 'server auth'] }), spelled)
})
