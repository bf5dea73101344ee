import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oracleFor } from '../oracle/oracle.ts'
import { requestOf } from './request.ts'
import { cases } from './suite.ts'

test('the API server accepts or refuses each request as recorded', async (context) => {
  await using oracle = await oracleFor(context)
  if (!oracle) return
  const otherwise: string[] = []
  for (const one of cases) {
    const { apiServer } = await oracle.judge(requestOf(one))
    const isAccepted = (one.kubernetes ?? 'accepts') === 'accepts'
    if ((apiServer === '') !== isAccepted) otherwise.push(`${one.id}: ${apiServer.slice(-200)}`)
  }
  assert.deepEqual(otherwise, [])
})
