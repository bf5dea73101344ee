import { deepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { attacksWith, expected, run } from './ownership/matrix.ts'

for (const probing of ['off', 'blind', 'tell', 'require'] as const)
  test(`no Node is approved what another holds or reports, whoever reports it and whatever became of the evidence: probe ${probing}`, async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const attacks = attacksWith(probing)
    ok(attacks.length >= 600)
    const wrong: unknown[] = []
    for (const attack of attacks) {
      const [fate, wanted] = [await run(t, attack), expected(attack)]
      if (fate.liar !== wanted.liar || fate.victim !== wanted.victim) wrong.push({ ...attack, fate, wanted })
    }
    deepEqual(wrong, [])
  })
