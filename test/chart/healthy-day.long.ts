/** Each kind of installation with the rules that its own cluster evaluates: some two minutes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupsOf } from './alert-rules.ts'
import { dayOf, installations, isSilent, valuesOf } from './life/healthy-day.ts'
import { prometheusMissing } from './prometheus.ts'

for (const [name, installation] of Object.entries(installations))
  test(`a healthy installation fires no alert within 24 hours: ${name}`, {
    skip: prometheusMissing,
  }, async () => {
    const series = await dayOf(installation)
    assert.ok(Object.keys(series).length > 20, name)
    await isSilent(await groupsOf(valuesOf(installation)), series)
  })
