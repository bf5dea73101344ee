import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Play } from './play.ts'
import { honest } from './sequences.ts'
import { World } from './world.ts'

for (const probing of ['off', 'blind', 'warn', 'auto', 'require'] as const)
  for (const one of honest) {
    const isDialled = probing !== 'off' && probing !== 'blind'
    if (one.needsProbe && !isDialled) continue
    test(`${one.title} is served: probe ${probing}`, async (t) => {
      t.mock.timers.enable({ apis: ['setInterval'] })
      const world = await World.create(t, { probing })
      const play = new Play(world)
      await play.run(one.steps)
      const { served, webhook, controller } = await play.end(one)
      await world.close()
      deepEqual([served, controller.message], [true, controller.message], webhook.message)
    })
  }
