import type { Command } from 'commander'
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { temporaryDirectory } from '../test/kit/directory.ts'
import { testContext } from './context.fixture.ts'
import { createProgram } from './program.ts'

const main = join(import.meta.dirname, 'main.ts')
const context = { ...testContext(), hostname: 'host', takeStdout: () => process.stdout }

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf)
}

function helpOf(command: Command): string {
  let help = ''
  command.configureOutput({ writeOut: (text) => void (help += text) })
  command.outputHelp()
  return help
}

const leaves = leavesOf(createProgram(context))

for (const command of leaves) {
  test(`the help of ${command.name()} has examples that name its own flags`, () => {
    const [, examples = ''] = helpOf(command).split('\nExamples:\n')
    assert.match(examples, /^ {2}# [A-Za-z].*\n {2}kubelet-csr-gate [a-z]/u)
    const flags = examples.match(/(?<= )--?[a-z][a-z-]*/gu) ?? []
    const known = command.options.flatMap(({ short, long }) => [short, long])
    assert.deepEqual(
      flags.filter((flag) => !known.includes(flag)),
      [],
    )
  })
}

test('as a plugin, the program calls itself kubectl csr-gate', async () => {
  await using folder = await temporaryDirectory('plugin')
  const plugin = join(folder.path, 'kubectl-csr_gate')
  await symlink(main, plugin)
  const { stdout } = await promisify(execFile)(process.execPath, [plugin, '--help'])
  assert.match(stdout, /^Usage: kubectl csr-gate \[options\] \[command\]\n/u)
})
