import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, goodFacts, withRequest } from '../good-request.fixture.ts'
import { requestIsPlain } from './request-is-plain.ts'

const extensionRequest = { oid: '1.2.840.113549.1.9.14', values: 1, at: 158 }
const subjectAltName = { oid: '2.5.29.17', critical: false, at: 175 }
const basicConstraints = { oid: '2.5.29.19', critical: true, at: 230 }
const challengePassword = { oid: '1.2.840.113549.1.9.7', values: 1, at: 150 }

test('a request asks for a subjectAltName and nothing else', () => {
  expectOutcome(requestIsPlain, goodFacts, pass)
})

test('a subjectAltName that is marked critical is refused', () => {
  const wanted = fail('the subjectAltName is marked critical', { at: 175 })
  expectOutcome(requestIsPlain, withRequest({ extensions: [{ ...subjectAltName, critical: true }] }), wanted)
})

test('a request may not ask to be a certificate authority', () => {
  const wanted = fail('the request asks for the extension 2.5.29.19', { at: 230 })
  expectOutcome(requestIsPlain, withRequest({ extensions: [subjectAltName, basicConstraints] }), wanted)
})

test('a second subjectAltName, which could hide names, is refused', () => {
  const wanted = fail('the request has 2 subjectAltName extensions', { at: 230 })
  const extensions = [subjectAltName, { ...subjectAltName, at: 230 }]
  expectOutcome(requestIsPlain, withRequest({ extensions }), wanted)
})

test('a second extensionRequest, which could hide names, is refused', () => {
  const wanted = fail('the request has 2 extensionRequest attributes', { at: 240 })
  const attributes = [extensionRequest, { ...extensionRequest, at: 240 }]
  expectOutcome(requestIsPlain, withRequest({ attributes }), wanted)
})

test('a second value of the extensionRequest, which could hide names, is refused', () => {
  const wanted = fail('the extensionRequest has 2 values', { at: 158 })
  expectOutcome(requestIsPlain, withRequest({ attributes: [{ ...extensionRequest, values: 2 }] }), wanted)
  const empty = fail('the extensionRequest has 0 values', { at: 158 })
  expectOutcome(requestIsPlain, withRequest({ attributes: [{ ...extensionRequest, values: 0 }] }), empty)
})

test('any other attribute is refused', () => {
  const wanted = fail('the request has the attribute 1.2.840.113549.1.9.7', { at: 150 })
  expectOutcome(requestIsPlain, withRequest({ attributes: [challengePassword, extensionRequest] }), wanted)
})

test('a request without a subjectAltName is refused', () => {
  const wanted = fail('the request asks for no subjectAltName')
  expectOutcome(requestIsPlain, withRequest({ attributes: [], extensions: [] }), wanted)
  expectOutcome(requestIsPlain, withRequest({ extensions: [] }), wanted)
})
