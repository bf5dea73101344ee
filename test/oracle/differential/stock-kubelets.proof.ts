import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oracleFor } from '../oracle.ts'
import { buildRequest } from '../../kit/requests/request.ts'
import { honestShape } from './honest.ts'
import { judgeCase } from './judge.ts'
import { seededRandom } from '../../kit/random.ts'
import { keys, requestOf, shapes } from './stock-kubelets.fixture.ts'

test('whatever a stock kubelet sends, Kubernetes and we read alike', async (context) => {
  await using oracle = await oracleFor(context)
  if (!oracle) return
  const requests = [
    ...keys.flatMap((key) => shapes.map((shape) => requestOf(shape, key))),
    ...Array.from({ length: 500 }, (_, seed) => buildRequest(honestShape(seededRandom(seed))).request),
  ]
  for (const request of requests) {
    assert.deepEqual(
      await judgeCase({ seed: 0, origin: 'honest', request }, oracle),
      { outcome: 'both accept' },
      request,
    )
  }
})
