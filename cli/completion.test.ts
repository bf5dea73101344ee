import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attempt } from '../test/kit/child.ts'
import { temporaryDirectory } from '../test/kit/directory.ts'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { scripts } from './completion.fixture.ts'

/** What bash offers after these words. */
async function offered(folder: string, ...words: string[]): Promise<string[]> {
  const script = join(folder, 'completion.bash')
  await writeFile(script, scripts.bash)
  const ask = [
    `source ${script}`,
    `COMP_WORDS=(kubelet-csr-gate ${words.map((word) => `'${word}'`).join(' ')})`,
    `COMP_CWORD=${words.length}`,
    '_kubelet_csr_gate',
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ]
  const { code, stdout, stderr } = await attempt(['bash', '-c', ask.join('\n')])
  assert.deepEqual([code, stderr], [0, ''])
  return stdout.trim().split('\n')
}

test('bash offers commands, subcommands, flags, their choices and files', async () => {
  await using folder = await temporaryDirectory('completion')
  const { path } = folder
  assert.deepEqual(await offered(path, ''), ['policy', 'status', '--help'])
  assert.deepEqual(await offered(path, 'po'), ['policy'])
  assert.deepEqual(await offered(path, 'policy', ''), ['diff', '--help'])
  assert.deepEqual(await offered(path, 'policy', 'diff', '--'), ['--all', '--help'])
  assert.deepEqual(await offered(path, 'status', '--output', ''), ['table', 'json'])
  assert.deepEqual(await offered(path, 'status', '-o', 'j'), ['json'])
  assert.deepEqual(await offered(path, 'status', '--kubeconfig', join(path, 'comp')), [
    join(path, 'completion.bash'),
  ])
})

test('texts of flags cannot end the quotes of a script', () => {
  for (const script of Object.values(scripts)) assert.doesNotMatch(script, /operator's|table's/u)
})
