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

test('{node} is the name of a Node, wherever the name has it', async () => {
  const pattern = await compiled('(?:ip-)?{node}[.](?:example[.]com|a)')
  for (const name of ['a.example.com', 'ip-a.example.com', 'a.a', 'A.A'.toLowerCase()])
    equal(pattern.isMadeOf(name, 'a'), true, name)
  for (const name of ['b.example.com', 'ab.example.com', 'a', '', '{node}.a', 'a.example.com.a'])
    equal(pattern.matches(name, 'a'), false, name)
  equal(pattern.matches('a.a'), false)
})

test('what a pattern matches by something else than its {node} is not made of the name of the Node', async () => {
  for (const source of ['.*[.]example[.]com|{node}', '[^.]+[.]example[.]com|{node}', '.*', '{node}?.*']) {
    const pattern = await compiled(source)
    equal(pattern.isMadeOf('db.example.com', 'd'), false, source)
    equal(pattern.matches('db.example.com', 'd'), true, source)
  }
})

test('a name that has the name of its Node in many places costs no more than eight matches', async () => {
  const pattern = await compiled('{node}b')
  equal(pattern.isMadeOf('aaaaaaab', 'a'), false)
  equal((await compiled('a{0,7}{node}b')).isMadeOf('aaaaaaaab', 'a'), true)
  equal((await compiled('a{0,9}{node}b')).isMadeOf('aaaaaaaaab', 'a'), false)
  equal(pattern.isMadeOf(`${'a'.repeat(253)}b`, 'a'), false)
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
