import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { attempt } from '../test/kit/child.ts'
import { temporaryDirectory } from '../test/kit/directory.ts'
import { scripts } from './completion.fixture.ts'

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  test(`${shell} takes its script without an error, where it is installed`, async (t) => {
    await using folder = await temporaryDirectory('completion')
    const script = join(folder.path, 'script')
    await writeFile(script, scripts[shell])
    const { code, stderr } = await attempt([shell, '-n', script])
    if (code === 127 && process.env['CI'] !== 'true')
      return t.skip(`NOT TESTED: there is no ${shell}: sh test/setup.sh shells`)
    assert.deepEqual([code, stderr], [0, ''])
  })
}
