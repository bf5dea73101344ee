import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oracleFor } from '../oracle/oracle.ts'
import { corpusFiles } from './file.ts'

test('Kubernetes accepts or refuses each corpus file as recorded', async (context) => {
  await using oracle = await oracleFor(context)
  if (!oracle) return
  for (const { name, request, isAcceptedByKubernetes } of corpusFiles()) {
    const { apiServer } = await oracle.judge(request)
    assert.equal(apiServer === '', isAcceptedByKubernetes, `${name}: ${apiServer}`)
  }
})
