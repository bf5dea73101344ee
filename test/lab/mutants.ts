import { cp, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { attempt } from '../kit/child.ts'
import { readArguments } from '../kit/command-line.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../kit/directory.ts'
import { type RemovedRule, removedRules } from '../oracle/differential/rules.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What the reader's own tests and the differential import. */
const COPIED = ['package.json', 'cli', 'policies', 'server', 'charts', 'test']
/** Without the differential's own tests: that runs by itself. */
const TESTS = ['server/der/*.test.ts', 'server/pkcs10/request.test.ts', 'test/suite/requests.test.ts']
const CASES = '6000'
/** The same cases for each, so that figures compare. */
const SEED = '1'
const TIMEOUT_MS = 5 * 60_000

const HELP = `
npx node test/lab/mutants.ts [WORD]

Takes one rule of the reader away at a time, of those with WORD in their name, and shows that its tests or the
differential notice. About a minute for each rule. Exit code 1 when one goes unnoticed.
`

async function main(): Promise<number> {
  const [word = ''] = readArguments(HELP, { allowPositionals: true }).positionals
  let allCaught = true
  for (const removed of removedRules.filter(({ rule }) => rule.includes(word))) {
    await using copy = await copyWithout(removed)
    const failing = await failingTests(copy.path)
    const different = await disagreementsIn(copy.path)
    const caught = failing.length > 0 || different > 0
    allCaught &&= caught
    process.stdout.write(
      `${caught ? 'caught' : 'MISSED'}  ${removed.rule}\n` +
        `        tests failing: ${failing.length}${failing[0] ? `, first: ${failing[0]}` : ''}; disagreements in ${CASES} cases: ${different}\n`,
    )
  }
  return allCaught ? 0 : 1
}

async function copyWithout({ rule, file, find, replace }: RemovedRule): Promise<TemporaryDirectory> {
  const folder = await temporaryDirectory('mutant')
  const { path } = folder
  try {
    for (const part of COPIED) await cp(join(ROOT, part), join(path, part), { recursive: true })
    await symlink(join(ROOT, 'node_modules'), join(path, 'node_modules'))
    const source = await readFile(join(path, file), 'utf8')
    const parts = source.replaceAll(/\s+/gu, ' ').split(find)
    if (parts.length !== 2)
      throw new Error(`the edit for "${rule}" fits ${parts.length - 1} times in ${file}`)
    await writeFile(join(path, file), edited(source, find, replace))
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
  return folder
}

/** Finds with any white space between words, as the formatter may have broken the line. */
function edited(source: string, find: string, replace: string): string {
  const words = find.split(/\s+/u).map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|]/gu, '\\$&'))
  return source.replace(new RegExp(words.join('\\s+'), 'u'), () => replace)
}

async function failingTests(cwd: string): Promise<string[]> {
  const told = await output(cwd, '--test', '--test-reporter=tap', ...TESTS)
  return told.match(/(?<=^not ok \d+ - ).*$/gmu) ?? []
}

async function disagreementsIn(cwd: string): Promise<number> {
  const told = await output(cwd, 'test/lab/differential.ts', '--count', CASES, '--seed', SEED)
  return Number(/disagreement (\d+)/u.exec(told)?.[1] ?? 0)
}

/** Standard output, whatever the exit code. */
async function output(cwd: string, ...argv: string[]): Promise<string> {
  return (await attempt([process.execPath, ...argv], { cwd, timeoutMs: TIMEOUT_MS })).stdout
}

process.exitCode = await main()
