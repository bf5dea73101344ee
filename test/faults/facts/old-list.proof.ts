/** Not in `npm test`, because it waits for a minute and a quarter: the time is the program's own. */
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { World } from './world.ts'

test('where nothing changes and no bookmark comes, a CSR is approved within 2 s', async () => {
  await using world = await World.create()
  world.join('n1', '10.0.0.1')
  await world.runUntilReady()
  // 75 s is how old a list may be that no watch has spoken of.
  await sleep(77_000)
  await world.untilApproved(world.ask('n1', '10.0.0.1'), 2_000)
})
