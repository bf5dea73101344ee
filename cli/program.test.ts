import type { Command } from 'commander'
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { temporaryDirectory } from '../test/kit/directory.ts'
import { writeKubeconfig } from '../test/kit/kubeconfig.ts'
import { testContext } from './context.fixture.ts'
import { EXIT } from './exit-codes.ts'
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

const readers = leaves.filter((command) => command.name() !== 'serve' && flagsOf(command).has('--kubeconfig'))

function flagsOf(command: Command): Map<string, string> {
  return new Map(command.options.map(({ long, flags }) => [long ?? '', flags.replace('...', '')]))
}

test('one flag is spelt and valued alike in every command', () => {
  const spellings = Map.groupBy(
    leaves.flatMap((command) => [...flagsOf(command)]),
    ([long]) => long,
  )
  const several = [...spellings.values()].filter((all) => new Set(all.map(([, flags]) => flags)).size > 1)
  assert.deepEqual(several, [])
})

test('every command that reads a cluster takes the same flags for it', () => {
  const shared = ['--kubeconfig', '--context', '--namespace', '--as', '--as-group', '--request-timeout']
  const names = readers.map((command) => command.name()).toSorted()
  const expected = [
    'approve',
    'doctor',
    'explain',
    'owners',
    'release',
    'replay',
    'report',
    'status',
    'suggest',
  ]
  assert.deepEqual(names, expected)
  for (const command of readers)
    assert.deepEqual(
      shared.filter((flag) => !flagsOf(command).has(flag)),
      [],
      command.name(),
    )
})

const needed: Readonly<Record<string, readonly string[]>> = {
  approve: ['--timeout', '1s'],
  explain: ['csr/a'],
  release: ['10.0.0.1'],
  replay: ['--policy', join(import.meta.dirname, '../charts/kubelet-csr-gate/values.yaml')],
  report: ['/nowhere/report.html'],
}

/** What a whole program writes that is called so. */
async function written(command: Command, ...args: readonly string[]) {
  const own = testContext()
  const program = createProgram({ ...own, hostname: 'host', takeStdout: () => process.stdout })
  const path = command.parent?.parent ? [command.parent.name(), command.name()] : [command.name()]
  const argv = [...path, ...(needed[command.name()] ?? []), ...args]
  await program.parseAsync(argv, { from: 'user' })
  return own.written
}

async function exitOf(command: Command, ...args: readonly string[]): Promise<number | null> {
  return (await written(command, ...args)).exitCode
}

test('a cluster that cannot be reached is exit code 3 of every command', async () => {
  await using folder = await temporaryDirectory('unreachable')
  const file = join(folder.path, 'kubeconfig')
  await writeKubeconfig(file, 'https://127.0.0.1:1', { caPem: '', token: 't' })
  for (const command of readers)
    assert.equal(await exitOf(command, '--kubeconfig', file), EXIT.notSeen, command.name())
})

test('a kubeconfig that is not there is exit code 2 of every command, also of approve, which waits for it', async () => {
  for (const command of readers)
    assert.equal(await exitOf(command, '--kubeconfig', '/nowhere/config'), EXIT.usage, command.name())
})

test('a policy file that is wrong is exit code 2 of every command that takes one, before a cluster is asked', async () => {
  const takers = readers.filter((command) => flagsOf(command).has('--policy'))
  for (const command of takers) {
    const { stderr, exitCode } = await written(command, '--policy', main, '--kubeconfig', '/nowhere/config')
    assert.doesNotMatch(stderr, /kubeconfig/u, command.name())
    assert.equal(exitCode, EXIT.usage, command.name())
  }
  assert.deepEqual(takers.map((command) => command.name()).toSorted(), ['approve', 'explain', 'replay'])
})

test('a dry run does not wait for a kubeconfig or for an API server', { timeout: 20_000 }, async () => {
  await using folder = await temporaryDirectory('unreachable')
  const file = join(folder.path, 'kubeconfig')
  await writeKubeconfig(file, 'https://127.0.0.1:1', { caPem: '', token: 't' })
  const [approve] = readers.filter((command) => command.name() === 'approve')
  assert.ok(approve)
  const waiting = ['--dry-run', '--timeout', '30s']
  assert.equal(await exitOf(approve, '--kubeconfig', file, ...waiting), EXIT.notSeen)
  assert.equal(await exitOf(approve, '--kubeconfig', '/nowhere/config', ...waiting), EXIT.usage)
})

test('a kubeconfig that is not there is said alike with --all-contexts', async () => {
  const both = readers.filter((command) => flagsOf(command).has('--all-contexts'))
  for (const command of both) {
    const { stderr, exitCode } = await written(command, '--kubeconfig', '/nowhere/config', '--all-contexts')
    assert.match(stderr, /\/nowhere\/config cannot be read: there is no such file$/mu)
    assert.equal(exitCode, EXIT.usage)
  }
  assert.equal(both.length, 2)
})

test('a flag that no command has is exit code 2, and --version is 0', async () => {
  const run = promisify(execFile)
  const refused = await run(process.execPath, [main, 'status', '--made-up']).catch((error) => error.code)
  assert.equal(refused, EXIT.usage)
  const { stdout } = await run(process.execPath, [main, '--version'])
  assert.match(stdout, /^kubelet-csr-gate \d+\.\d+\.\d+ on Node v/u)
})

test('as a plugin, the program calls itself kubectl csr-gate', async () => {
  await using folder = await temporaryDirectory('plugin')
  const plugin = join(folder.path, 'kubectl-csr_gate')
  await symlink(main, plugin)
  const { stdout } = await promisify(execFile)(process.execPath, [plugin, '--help'])
  assert.match(stdout, /^Usage: kubectl csr-gate \[options\] \[command\]\n/u)
})
