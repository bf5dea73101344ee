import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildRequest } from '../kit/requests/request.ts'
import { oracleFor } from './oracle.ts'

test('the oracle says what Kubernetes reads, refuses and signs', async (context) => {
  await using oracle = await oracleFor(context)
  if (!oracle) return
  const { apiServer, signer, said, certificate } = await oracle.judge(buildRequest().request)
  assert.deepEqual([apiServer, signer], ['', ''])
  assert.deepEqual(said?.subject, [
    ['2.5.4.10', 'system:nodes'],
    ['2.5.4.3', 'system:node:node-1'],
  ])
  assert.deepEqual([certificate?.dnsNames, certificate?.addresses], [['node-1'], ['0a000001']])
  assert.equal(certificate?.spki, said?.spki)
  assert.deepEqual(await oracle.judge('AAAA'), {
    apiServer: 'spec.request: Invalid value: "AAAA": PEM block type must be CERTIFICATE REQUEST',
    signer: 'parse: PEM block type must be CERTIFICATE REQUEST',
  })
})

test('concurrent questions each get their own answer', async (context) => {
  await using oracle = await oracleFor(context)
  if (!oracle) return
  const names = Array.from({ length: 200 }, (_, index) => `node-${index}`)
  const answers = await Promise.all(
    names.map((name) => oracle.judge(buildRequest({ dnsNames: [name] }).request)),
  )
  assert.deepEqual(
    answers.map(({ said }) => said?.dnsNames?.[0]),
    names,
  )
  assert.deepEqual(await oracle.address('010.0.0.1'), { strict: '', zone: '', kubelet: '0a000001' })
  assert.deepEqual(await oracle.prefix('10.0.0.1/8'), {
    valid: true,
    address: '0a000001',
    bits: 8,
    masked: false,
  })
})
