import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { compilePattern, type Pattern } from './pattern.ts'

test('a pattern matches a whole name', async () => {
  const pattern = await compiled('node-1')
  equal(pattern.matches('node-1'), true)
  for (const name of ['node-10', 'anode-1', 'node-1\n', 'node-1.evil.example', ''])
    equal(pattern.matches(name), false, JSON.stringify(name))
})

test('a pattern matches without regard to case, as names compare', async () => {
  equal((await compiled('Worker-[A-Z]')).matches('worker-a'), true)
  equal((await compiled('worker-a')).matches('WORKER-A'), true)
})

test('an alternative is anchored at both ends too', async () => {
  for (const source of ['a|b', '^a|b$', '(?m)a|b']) {
    const pattern = await compiled(source)
    equal(pattern.matches('a'), true)
    equal(pattern.matches('b'), true)
    for (const name of ['axx', 'xxb', 'a\nx', 'x\nb'])
      equal(pattern.matches(name), false, `${source} ${name}`)
  }
})

test('a compiled pattern keeps its source text', async () => {
  equal((await compiled('worker-[0-9]+')).source, 'worker-[0-9]+')
})

test('a pattern that needs a backtracking engine is refused with the reason', async () => {
  equal(
    await problemOf('(?=a)b'),
    'is not an RE2 pattern: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
  )
  equal(
    await problemOf(String.raw`(a)\1`),
    String.raw`is not an RE2 pattern: error parsing regexp: invalid escape sequence: ${'`'}\1${'`'}`,
  )
  equal(await problemOf('worker-['), 'is not an RE2 pattern: error parsing regexp: missing closing ]: `[`')
})

test('a pattern is bounded in length and in cost', async () => {
  equal(await problemOf('a'.repeat(257)), 'is longer than 256 characters')
  equal(await problemOf('(a?){500}a{500}'), 'is too costly: repeat counts multiply')
  ok((await problemOf('(a{100}){100}')).startsWith('is'))
  await compiled('a'.repeat(256))
})

test('patterns that stop a backtracking engine for years answer at once', async () => {
  const name = 'a'.repeat(252).concat('!')
  for (const source of ['(a+)+b', '(a|aa)+b', '([a-z]+)*b', '(.*)(.*)(.*)(.*)b', '(a?){180}a{180}b']) {
    const pattern = await compiled(source)
    const start = performance.now()
    equal(pattern.matches(name), false)
    // Measured: under 10 ms. A backtracking engine would not end within the life of this machine.
    ok(performance.now() - start < 1_000, source)
  }
})

test('a name that is longer than any DNS name matches no pattern and is not read', async () => {
  const pattern = await compiled('a*')
  equal(pattern.matches('a'.repeat(253)), true)
  equal(pattern.matches('a'.repeat(254)), false)
  equal(pattern.matches('a'.repeat(60_000)), false)
})

async function compiled(source: string): Promise<Pattern> {
  const result = await compilePattern(source)
  if (!result.ok) throw new Error(`${source} ${result.problem}`)
  return result.pattern
}

async function problemOf(source: string): Promise<string> {
  const result = await compilePattern(source)
  return result.ok ? 'none' : result.problem
}
