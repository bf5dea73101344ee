import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goodReview } from '../../../server/admission/good-review.fixture.ts'
import { readReview } from '../../../server/admission/review.ts'
import type { ReviewAnswer } from '../oracle.ts'
import { oracleFor } from '../oracle.ts'
import { type Random, seededRandom } from '../../kit/random.ts'

const CASES = 20_000

const TIMES = [
  '2026-11-24T08:00:00Z',
  '2026-11-24',
  '2026-11-24T08:00:00+01:00',
  '2026-11-24T08:00:00.5Z',
  '24 Nov 2026',
]
const LISTS = [[], ['a'], [1], [null], [[]], [{}], [{ type: 'Approved' }], [{ type: 1 }]]
const OBJECTS = [{}, { a: ['b'] }, { a: 'b' }, { a: null }]
const TEXTS = [
  '',
  'a',
  'true',
  '600',
  'system:nodes',
  '\u0000',
  '\ud83d\ude00',
  'LS0t',
  'LS0',
  '====',
  'AAAA\n',
]
const NUMBERS = [0, 1, -1, 600, 2 ** 31, 2 ** 53, 1.5]
/** Values that a field may have in JSON, right for some field and wrong for the others. */
const VALUES: readonly unknown[] = [null, true, false, ...NUMBERS, ...TEXTS, ...TIMES, ...LISTS, ...OBJECTS]

type Holder = Record<string, unknown>

/** Every object in a value, itself included. */
function holders(value: unknown): Holder[] {
  if (Array.isArray(value)) return value.flatMap(holders)
  return isHolder(value) ? [value, ...Object.values(value).flatMap(holders)] : []
}

const isHolder = (value: unknown): value is Holder => typeof value === 'object' && value !== null

/** Fields that a CSR or a review may have and the good one has not. */
const FIELDS = [
  'dryRun',
  'expirationSeconds',
  'deletionTimestamp',
  'finalizers',
  'ownerReferences',
  'conditions',
  'Request',
  'USERNAME',
  '__proto__',
]

function mutated(random: Random): unknown {
  const review: unknown = goodReview()
  const times = random.below(4)
  for (let made = 0; made < times; made += 1) {
    const holder = random.pick(holders(review))
    const key = random.pick([...Object.keys(holder), ...FIELDS])
    if (random.percent(20)) delete holder[key]
    else holder[key] = structuredClone(random.pick(VALUES))
  }
  return review
}

function ours(text: string): Omit<ReviewAnswer, 'problem'> | null {
  const read = readReview(JSON.parse(text))
  if (read.kind !== 'csr') return null
  const { csr, caller, request } = read.input
  const { name, uid: csrUid, ...rest } = csr
  return {
    uid: read.uid,
    dryRun: read.dryRun,
    name,
    csrUid,
    ...rest,
    caller: caller ?? rest.requester,
    request: decoded(request),
  }
}

/** As encoding/json decodes a field of octets, written again. */
const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString('base64')

test('what the webhook reads in an AdmissionReview, the API machinery reads in it too', async (context) => {
  await using oracle = await oracleFor(context)
  if (!oracle) return
  let read = 0
  for (let seed = 0; seed < CASES; seed += 1) {
    const text = JSON.stringify(mutated(seededRandom(seed)))
    const seen = ours(text)
    if (seen === null) continue
    const answer: ReviewAnswer = await oracle.review(text)
    // The webhook reads less than the API machinery, which would not have sent a review that it cannot read.
    if (answer.problem !== '') continue
    read += 1
    assert.deepEqual({ problem: '', ...seen }, answer, text)
  }
  assert.ok(read > CASES / 4, `${read} of ${CASES} could be read`)
})
