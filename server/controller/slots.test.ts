import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Slots } from './slots.ts'

test('no more run at once than there are slots, in the order in which they came, also after a failure', async () => {
  const slots = new Slots(2)
  const begun: number[] = []
  let running = 0
  let most = 0
  const work = (number: number) =>
    slots.run(async () => {
      begun.push(number)
      running += 1
      most = Math.max(most, running)
      await turn()
      running -= 1
      if (number === 1) throw new Error('a bug')
      return number
    })
  const settled = await Promise.allSettled([0, 1, 2, 3, 4, 5].map(work))
  assert.deepEqual([most, begun], [2, [0, 1, 2, 3, 4, 5]])
  assert.deepEqual(
    settled.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled', 'fulfilled'],
  )
  assert.deepEqual(await Promise.all([work(6), work(7)]), [6, 7])
})
