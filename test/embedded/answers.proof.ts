import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startControlPlane } from '../control-plane/control-plane.ts'
import { questions } from './answers.ts'

const cluster = await startControlPlane()
after(() => cluster.stop())

for (const { title, ask, answers } of questions)
  test(`a real API server answers as the table says: ${title}`, async () => {
    assert.deepEqual(await ask(cluster), answers)
  })
