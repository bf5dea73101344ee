import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resultOf } from '../../suite/read-result.ts'
import { readRequest } from '../../../server/pkcs10/request.ts'
import { oracleFor } from '../oracle.ts'
import { buildRequest } from '../../kit/requests/request.ts'
import { judgeCase } from './judge.ts'
import { keep } from './keep.ts'
import { differential, disagreements, summary } from './run.ts'

/** About 10 s on two idle cores, five times that on busy ones. */
const SHORT_RUN = 10_000

test('what we accept, Kubernetes accepts, and sees the same in it and nothing else', async (context) => {
  await using oracle = await oracleFor(context)
  if (!oracle) return
  const seed = Math.floor(Math.random() * 2 ** 31)
  context.diagnostic(
    `seed ${seed}; repeat with: npx node test/lab/differential.ts --count ${SHORT_RUN} --seed ${seed}`,
  )
  const tally = await differential(oracle, { seed, count: SHORT_RUN })
  context.diagnostic(summary(tally))
  for (const found of tally.found) context.diagnostic(`${found.what}, kept in ${await keep(found, oracle)}`)
  assert.equal(disagreements(tally), 0)
  assert.ok((tally.outcomes.get('both accept') ?? 0) > SHORT_RUN / 5)
})

test('an honest request that is refused counts as a disagreement', async (context) => {
  await using oracle = await oracleFor(context)
  if (!oracle) return
  const { request } = buildRequest({ dnsNames: ['node_1'] })
  assert.equal(resultOf(readRequest(request)).ok, false)
  assert.deepEqual(await judgeCase({ seed: 0, origin: 'honest', request }, oracle), {
    outcome: 'disagreement',
    what: 'refused a stock kubelet: NameMalformed: the DNS name node_1 has a label that is not letters, digits and hyphens',
  })
  assert.deepEqual(await judgeCase({ seed: 0, origin: 'hostile', request }, oracle), {
    outcome: 'refused by us alone',
    code: 'NameMalformed',
  })
})
