import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthority } from '../../kit/pki.ts'
import type { Standing } from '../../kit/kubelet/csr.ts'
import { renderLines } from './table.ts'
import { isAsItMustBe, tally } from './tally.ts'
import type { Outcomes } from './tally.ts'

const authority = await createAuthority('test')
const holder = { commonName: 'system:node:node-1', organizations: ['system:nodes'], names: ['node-1'] }
const own = (await authority.issue(holder)).certPem
const another = (await authority.issue({ ...holder, names: ['victim-1'] })).certPem

const pending: Standing = {
  approved: false,
  denied: false,
  failed: false,
  reason: null,
  message: null,
  certificate: null,
}
const denied = { ...pending, denied: true }
const signed = (certificate: string) => ({ ...pending, approved: true, certificate })

const honest = { title: 'dual stack', obtained: true, standings: [signed(own)] }
const tried = (title: string, standing?: Standing) => ({ title, by: 'system:node:node-1', standing })
const good: Outcomes = {
  honest: [honest],
  hostile: [tried('a', denied), tried('b', pending), tried('c')],
  megabytes: 40.4,
}

test('each request is counted once, a certificate by what it says', () => {
  const outcomes = {
    ...good,
    honest: [
      honest,
      { title: 'old', obtained: false, standings: [denied, pending] },
      { title: 'late', obtained: false, standings: [pending] },
    ],
    hostile: [
      ...good.hostile,
      tried('d', signed(own)),
      tried('e', signed(another)),
      tried('f', { ...pending, approved: true, failed: true }),
    ],
  }
  assert.deepEqual(tally(outcomes), {
    honest: { issued: 1, denied: ['old'], pending: ['late'] },
    hostile: {
      asked: 6,
      signedForeign: [{ title: 'e', by: 'system:node:node-1', foreign: ['DNS:victim-1'] }],
      signedOwn: [{ title: 'd', by: 'system:node:node-1', foreign: [] }],
      approvedOnly: ['f'],
      denied: 1,
      pending: 2,
    },
    megabytes: 40,
  })
})

test('our own figures are as expected only when every honest node is served and nothing hostile is approved', () => {
  const isGood = (change: Partial<Outcomes>) => isAsItMustBe(tally({ ...good, ...change }))
  assert.equal(isGood({}), true)
  assert.equal(isGood({ honest: [] }), false)
  assert.equal(isGood({ honest: [honest, { ...honest, obtained: false }] }), false)
  assert.equal(isGood({ hostile: [] }), false)
  assert.equal(isGood({ hostile: [...good.hostile, tried('d', signed(own))] }), false)
  assert.equal(isGood({ hostile: [...good.hostile, tried('e', signed(another))] }), false)
  assert.equal(isGood({ hostile: [...good.hostile, tried('f', { ...pending, approved: true })] }), false)
})

test('the table says of each certificate what is not its holder’s, and who was not measured', () => {
  const figures = tally({ ...good, hostile: [tried('another’s name', signed(another))] })
  const text = renderLines([
    { name: 'one', told: 'its defaults', version: 'v1.2.3', figures },
    { name: 'other', told: 'nothing', version: null, figures: 'it is not here' },
  ])
  assert.match(text, /^one +v1\.2\.3 +1 +0 +0 +1 +0 +0 +0 +0 +40 +its defaults$/m)
  assert.match(text, /^other +not measured$/m)
  assert.match(text, /^ {2}not measured: it is not here$/m)
  assert.match(text, /^ {4}another’s name \(system:node:node-1\) · DNS:victim-1$/m)
})

test('the table shows three things of a certificate that says more, and no character that a terminal obeys', () => {
  const foreign = ['DNS:a\nb', 'DNS:c', 'DNS:d', 'DNS:e', 'DNS:f']
  const figures = tally(good)
  const hostile = { ...figures.hostile, signedForeign: [{ title: 't', by: 'u', foreign }] }
  const text = renderLines([
    { name: 'one', told: 'its defaults', version: 'v1', figures: { ...figures, hostile } },
  ])
  assert.match(text, /^ {4}t \(u\) · DNS:a\\nb · DNS:c · DNS:d · 2 more$/m)
})
