import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KUBERNETES } from '../../binaries/versions.ts'
import { type Proof, renderProofs } from './proof.ts'

const all = { good: 11, of: 11 }
const good: Proof = {
  minor: '1.36',
  profiles: { helm: all, helm3: all },
  manifests: { good: 4, of: 4 },
  issued: 17,
  refused: 80,
  alone: 78,
  signed: { good: 200, of: 200 },
  problems: [],
  seconds: 250.4,
}

test('the table has a line for each minor, and says below it what is wrong there', () => {
  const bad: Proof = {
    ...good,
    minor: '1.30',
    profiles: { helm: all, helm3: { good: 10, of: 11 } },
    problems: ['talos, helm3: refused,\nin two lines'],
  }
  const lines = renderProofs([bad, good]).split('\n')
  assert.deepEqual(
    lines.slice(1).map((line) => line.replaceAll(/ {2,}/g, '  ').trim()),
    [
      `NO  ${KUBERNETES['1.30']}  11 of 11  10 of 11  4 of 4  17  80  78  200 of 200  250`,
      'talos, helm3: refused,',
      'in two lines',
      `ok  ${KUBERNETES['1.36']}  11 of 11  11 of 11  4 of 4  17  80  78  200 of 200  250`,
    ],
  )
  assert.match(lines[0] ?? '', /^ +Kubernetes +profiles, Helm 4 +Helm 3 +manifests +honest issued/)
})
