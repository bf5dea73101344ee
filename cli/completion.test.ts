import { Command, Option } from 'commander'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attempt } from '../test/kit/child.ts'
import { temporaryDirectory } from '../test/kit/directory.ts'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bashScript } from './completion/bash.ts'
import { fishScript } from './completion/fish.ts'
import { commandsOf } from './completion/tree.ts'
import { zshScript } from './completion/zsh.ts'

const NAMES = ['kubelet-csr-gate', 'kubectl-csr_gate']
const root = new Command('kubelet-csr-gate')
const policy = root.command('policy').description("the operator's policy: its files")
policy.command('diff').description('what changes').argument('<FILE>').option('--all', 'everything')
root
  .command('status')
  .description('a row per node')
  .addOption(new Option('-o, --output <FORMAT>', "the table's format").choices(['table', 'json']))
  .option('--kubeconfig <FILE>', 'a file')
const commands = commandsOf(root)

const scripts = {
  bash: bashScript(commands, NAMES),
  zsh: zshScript(commands, NAMES),
  fish: fishScript(commands, NAMES),
}

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

test('texts of flags cannot end the quotes of a script', () => {
  for (const script of Object.values(scripts)) assert.doesNotMatch(script, /operator's|table's/u)
})
