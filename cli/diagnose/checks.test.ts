import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCodes, otherReasons } from '../../policies/codes.ts'
import { checks } from './checks.ts'

const kinds = checks.flatMap((check) => Object.entries(check.kinds))
const codes = [...checks.map(({ id }) => id), ...kinds.map(([code]) => code)]

test('a code of a finding means one thing, and never what a CSR has in its conditions', () => {
  const reasons = new Set<string>([...checkCodes, ...Object.keys(otherReasons)])
  assert.deepEqual(
    codes.filter((code, index) => reasons.has(code) || codes.indexOf(code) !== index),
    [],
  )
})

test('no fix overwrites a file', () => {
  const overwrites = /\btee (?!-a )|(?:^|\s)>(?!>)|\b(?:cp|mv|dd|truncate|install) [/.-]|sed (?!-i )[^|]*>/u
  assert.match("echo 'A=b' | sudo tee /etc/default/kubelet", overwrites)
  assert.deepEqual(
    kinds.filter(([, { fix }]) => overwrites.test(fix)).map(([code]) => code),
    [],
  )
})
