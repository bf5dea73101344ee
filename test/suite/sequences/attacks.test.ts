import { deepEqual, ok } from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { type Attack, attacksWith, expected, run } from './matrix.ts'
import { Play } from './play.ts'
import { circumstancesOf, named } from './sequences.ts'
import { World } from './world.ts'

for (const probing of ['off', 'blind', 'warn', 'auto', 'require'] as const)
  test(`no Node is approved what another holds or reports, whoever reports it and whatever became of the evidence: probe ${probing}`, async (t) => {
    const attacks = attacksWith(probing)
    ok(attacks.length >= 600)
    deepEqual(await wrongOf(t, attacks), [])
  })

test('with a CA that the prober does not know, the ledger knows the keys of its Nodes', async (t) => {
  const isKnown = ({ evidence, victim }: Attack): boolean =>
    (evidence === 'stored' || evidence === 'collected') && !victim.shown
  const attacks = attacksWith('auto').filter(isKnown)
  ok(attacks.length >= 200)
  deepEqual(await wrongOf(t, attacks, { knowsCa: false }), [])
})

/** Those attacks that end otherwise than they must. */
async function wrongOf(t: TestContext, attacks: readonly Attack[], circumstances = {}): Promise<unknown[]> {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const wrong: unknown[] = []
  for (const attack of attacks) {
    const [fate, wanted] = [await run(t, attack, circumstances), expected(attack)]
    if (fate.liar !== wanted.liar || fate.victim !== wanted.victim)
      wrong.push({ ...attack, victim: attack.victim.title, liar: attack.liar.title, fate, wanted })
  }
  return wrong
}

for (const one of named)
  test(`no Node is approved ${one.title}`, async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const world = await World.create(t, { probing: 'auto', ...circumstancesOf(one) })
    const play = new Play(world)
    await play.run(one.steps)
    const { controller } = await play.end(one)
    await world.close()
    deepEqual(
      [controller.verdict === 'approve', controller.reason],
      [false, one.expected?.reason],
      controller.message,
    )
  })
