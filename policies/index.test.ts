import { deepEqual, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { checks, checksOf } from './index.ts'

test('reason codes are unique and CamelCase, requirements are sentences', () => {
  const codes = checks.map(({ code }) => code)
  deepEqual(codes, [...new Set(codes)])
  for (const { code, requires, because, source } of checks) {
    match(code, /^(?:[A-Z][a-z]+)+$/u)
    match(requires, /^[A-Z`].*\.$/u)
    match(because, /^[A-Z].*\.$/u)
    ok(source.length > 5, code)
  }
})

test('the webhook leaves to the controller what only a look, a source or time shows', () => {
  const left = checks.filter((check) => !checksOf('admit').includes(check))
  deepEqual(
    left.map(({ code }) => code),
    [
      'NameUnproven',
      'AddressUnproven',
      'AdditionNotVouched',
      'NameNotVouched',
      'AddressNotVouched',
      'Superseded',
      'Expired',
    ],
  )
})
