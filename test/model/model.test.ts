import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expected } from './expected.ts'
import { explore, wrongsAfter } from './explore.ts'
import { mended } from './mended.ts'
import { worlds } from './worlds.ts'
import { whole } from './worlds/whole.ts'

/** Some 30 s for all worlds on one core. */
const TRANSITIONS = 1_200

for (const [title, spec] of Object.entries(worlds))
  test(`no sequence breaks an invariant but those that are expected: ${title}`, async (t) => {
    const begun = performance.now()
    const { states, transitions, depth, isWhole, findings } = await explore(spec, {
      transitions: TRANSITIONS,
    })
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
    t.diagnostic(`${states} states, ${transitions} transitions, depth ${depth}, ${seconds} s`)
    const fresh = findings.filter(
      ({ invariant, value }) =>
        !expected.some((one) => one.world === title && one.invariant === invariant && one.value === value),
    )
    assert.deepEqual(fresh, [])
    assert.ok(isWhole || !(title in whole), 'there is more to try')
  })

test('what is expected until it is mended still shows', async () => {
  for (const { world, invariant, value, sequence } of expected) {
    const spec = worlds[world]
    assert.ok(spec !== undefined, world)
    const wrongs = await wrongsAfter(spec, sequence.split('; '))
    const shows = wrongs.some((wrong) => wrong.invariant === invariant && wrong.value === value)
    assert.ok(shows, `move it to mended.ts: ${world}: ${sequence}`)
  }
})

test('what was mended stays mended', async () => {
  for (const [world, sequences] of Object.entries(mended))
    for (const sequence of sequences) {
      const spec = worlds[world]
      assert.ok(spec !== undefined, world)
      assert.deepEqual(await wrongsAfter(spec, sequence.split('; ')), [], `${world}: ${sequence}`)
    }
})
