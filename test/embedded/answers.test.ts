import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { questions } from './answers.ts'
import { startEmbeddedCluster } from './cluster.ts'

const cluster = await startEmbeddedCluster()
after(() => cluster.stop())

for (const { title, ask, answers } of questions)
  test(`the embedded API server answers as a real one: ${title}`, async () => {
    assert.deepEqual(await ask(cluster), answers)
  })
