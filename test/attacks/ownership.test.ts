import { deepEqual, ok } from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { type Attack, attacksWith, expected, run } from './ownership/matrix.ts'
import { named } from './ownership/named.ts'
import { World } from './ownership/world.ts'

for (const probing of ['off', 'blind', 'tell', 'require'] as const)
  test(`no Node is approved what another holds or reports, whoever reports it and whatever became of the evidence: probe ${probing}`, async (t) => {
    const attacks = attacksWith(probing)
    ok(attacks.length >= 600)
    deepEqual(await wrongOf(t, attacks), [])
  })

test('with a CA that the prober does not know, the ledger knows the keys of its Nodes', async (t) => {
  const isKnown = ({ evidence, victim }: Attack): boolean =>
    (evidence === 'stored' || evidence === 'collected') && victim !== 'is served by another approver'
  const attacks = attacksWith('tell').filter(isKnown)
  ok(attacks.length >= 200)
  deepEqual(await wrongOf(t, attacks, { knowsCa: false }), [])
})

/** Those attacks that end otherwise than they must. */
async function wrongOf(t: TestContext, attacks: readonly Attack[], circumstances = {}): Promise<unknown[]> {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const wrong: unknown[] = []
  for (const attack of attacks) {
    const [fate, wanted] = [await run(t, attack, circumstances), expected(attack)]
    if (fate.liar !== wanted.liar || fate.victim !== wanted.victim) wrong.push({ ...attack, fate, wanted })
  }
  return wrong
}

for (const [title, { reason, attack, ...circumstances }] of Object.entries(named))
  test(`no Node is approved ${title}`, async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const world = await World.create(t, { probing: 'tell', ...circumstances })
    const { controller } = await attack(world)
    await world.close()
    deepEqual([controller.verdict === 'approve', controller.reason], [false, reason], controller.message)
  })
