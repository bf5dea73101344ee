import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { honest } from './ownership/honest.ts'
import { World } from './ownership/world.ts'

for (const probing of ['off', 'blind', 'tell', 'require'] as const)
  for (const [title, { withinMs, begin, needsProbe = false }] of Object.entries(honest)) {
    const isDialled = probing === 'tell' || probing === 'require'
    if (needsProbe && !isDialled) continue
    test(`${title} is served: probe ${probing}`, async (t) => {
      t.mock.timers.enable({ apis: ['setInterval'] })
      const world = await World.create(t, { probing })
      const one = await begin(world)
      const { served, webhook, controller } = await one.askFor(withinMs)
      await world.close()
      deepEqual([served, controller.message], [true, controller.message], webhook.message)
    })
  }
