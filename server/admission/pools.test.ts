import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { rulesWith } from '../../policies/good-request.fixture.ts'
import { answerAndReport, deciding, decisionOf, goodReview, partsFor } from './good-review.fixture.ts'
import { readReview } from './review.ts'

const detail = '10.0.0.9 is not an address of Node n1'
const refusing = deciding(decisionOf('notYet', [{ code: 'AddressNotOfNode', outcome: 'notYet', detail }]))

/** What the webhook does with a CSR of the node n1 that does not conform. */
async function actionIn(mode: 'enforce' | 'dryRun', pool: { nodes: string[]; mode: 'enforce' | 'dryRun' }) {
  const rules = await rulesWith({ mode, pools: [{ name: 'pool', ...pool }] })
  const { parts, seen } = partsFor(refusing, { rules: () => rules })
  await answerAndReport(readReview(goodReview()), 1_000, parts)
  return seen.reported.map(({ action }) => action)
}

test('the mode of its pool decides whether a CSR is refused', async () => {
  deepEqual(await actionIn('enforce', { nodes: ['n1'], mode: 'dryRun' }), ['warned'])
  deepEqual(await actionIn('dryRun', { nodes: ['n1'], mode: 'enforce' }), ['refused'])
  deepEqual(await actionIn('enforce', { nodes: ['n10'], mode: 'dryRun' }), ['refused'])
})
