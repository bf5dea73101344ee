import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DnsSource, type NameResolver } from './dns.ts'

const TEN_1 = '0a000001'
const FD_1 = `fd00${'0'.repeat(27)}1`
const asked = {
  node: { name: 'worker-1' },
  names: ['worker-1', 'worker-1.example.com'],
  addresses: [TEN_1, FD_1],
}

type Answer = readonly string[] | string

/** Answers by name, or the code of an error; a name that is not here does not exist. */
function begin(a: Readonly<Record<string, Answer>>, aaaa: Readonly<Record<string, Answer>> = {}) {
  let nowMs = 0
  const queries: string[] = []
  const answer = async (from: typeof a, name: string): Promise<readonly string[]> => {
    queries.push(name)
    const found = from[name] ?? 'ENOTFOUND'
    if (typeof found === 'string') throw Object.assign(new Error(found), { code: found })
    return found
  }
  const resolver: NameResolver = {
    resolve4: (name) => answer(a, name),
    resolve6: (name) => answer(aaaa, name),
  }
  const source = new DnsSource({
    domains: ['example.com', 'test'],
    resolver,
    monotonic: () => nowMs,
  })
  return { source, queries, pass: (ms: number) => void (nowMs += ms) }
}

async function vouchedBy(source: DnsSource, about = asked) {
  await source.ask(about)
  return source.vouch(about)
}

test('the DNS vouches for the name of the Node in a domain, and for its addresses, if all are asked for', async () => {
  const { source, queries } = begin(
    { 'worker-1.example.com.': ['10.0.0.1'] },
    { 'worker-1.example.com.': ['fd00::1'] },
  )
  assert.deepEqual(source.vouch(asked), {
    known: false,
    because: 'worker-1.example.com has not been looked up',
  })
  assert.deepEqual(await vouchedBy(source), {
    known: true,
    value: {
      names: ['worker-1.example.com'],
      addresses: [TEN_1, FD_1],
      says: 'worker-1.example.com has no other addresses',
    },
  })
  // Absolute: no search domain, in which a tenant may have made the name.
  assert.deepEqual(queries, ['worker-1.example.com.', 'worker-1.example.com.'])
})

test('a name that has another address besides vouches for nothing', async () => {
  const { source } = begin({ 'worker-1.example.com.': ['10.0.0.1', '10.0.0.2'] })
  assert.deepEqual(await vouchedBy(source), {
    known: true,
    value: {
      names: [],
      addresses: [],
      says: 'worker-1.example.com has 1 addresses that are not asked for',
    },
  })
})

test('names of other nodes, in other domains, and deeper ones are never looked up', async () => {
  const { source, queries } = begin({})
  const names = [
    'worker-10.example.com',
    'victim.example.com',
    'worker-1.attacker.example',
    'a.worker-1.example.com',
    'worker-1.a.example.com',
    'worker-1',
    'example.com',
  ]
  assert.deepEqual(await vouchedBy(source, { ...asked, names }), {
    known: true,
    value: { names: [], addresses: [], says: 'no name of worker-1 under example.com, test is asked for' },
  })
  assert.deepEqual(queries, [])
})

test('a Node whose own name is in a domain is looked up by that name', async () => {
  const name = 'ip-10-0-0-1.example.com'
  const { source } = begin({ [`${name}.`]: ['10.0.0.1'] })
  const vouched = await vouchedBy(source, { ...asked, node: { name }, names: [name] })
  assert.deepEqual(vouched.known && [vouched.value.names, vouched.value.addresses], [[name], [TEN_1]])
})

test('a name that does not exist vouches for nothing, and is looked up again after 5 s', async () => {
  const { source, queries, pass } = begin({}, { 'worker-1.example.com.': 'ENODATA' })
  const absent = {
    known: true,
    value: { names: [], addresses: [], says: 'worker-1.example.com does not exist' },
  }
  assert.deepEqual(await vouchedBy(source), absent)
  pass(4_999)
  assert.deepEqual([await source.ask(asked), queries.length], [false, 2])
  pass(1)
  assert.deepEqual([await source.ask(asked), queries.length], [true, 4])
})

test('a server that fails, even for one of the two types, makes the answer unknown for 2 s', async () => {
  for (const code of ['ESERVFAIL', 'ETIMEOUT', 'ECONNREFUSED', 'EREFUSED']) {
    const { source, queries, pass } = begin(
      { 'worker-1.example.com.': ['10.0.0.1'] },
      { 'worker-1.example.com.': code },
    )
    const unknown = { known: false, because: `worker-1.example.com cannot be looked up: ${code}` }
    assert.deepEqual(await vouchedBy(source), unknown)
    pass(1_999)
    assert.deepEqual([await source.ask(asked), queries.length], [false, 2])
    pass(1)
    assert.deepEqual([await source.ask(asked), queries.length], [true, 4])
  }
})

test('an answer is kept for 30 s', async () => {
  const { source, queries, pass } = begin({ 'worker-1.example.com.': ['10.0.0.1'] })
  await source.ask(asked)
  pass(29_999)
  assert.equal(source.vouch(asked).known, true)
  pass(1)
  assert.equal(source.vouch(asked).known, false)
  await source.ask(asked)
  assert.equal(queries.length, 4)
})

test('at most 32 names are looked up at once, and one that is asked for twice is looked up once', async () => {
  const held = Promise.withResolvers<readonly string[]>()
  let queries = 0
  const hold = async () => {
    queries += 1
    return await held.promise
  }
  const source = new DnsSource({
    domains: ['example.com'],
    resolver: { resolve4: hold, resolve6: hold },
    monotonic: () => 0,
  })
  const about = (node: number) => ({ ...asked, node: { name: `n${node}` }, names: [`n${node}.example.com`] })
  const asking = Array.from({ length: 40 }, (_, node) => source.ask(about(node)))
  asking.push(source.ask(about(0)))
  held.resolve(['10.0.0.1'])
  const told = await Promise.all(asking)
  assert.deepEqual([queries, told.filter(Boolean).length], [64, 33])
})

test('a server that is silent is given up after 2.5 s', async (t) => {
  const never = new Promise<never>(() => undefined)
  const source = new DnsSource({
    domains: ['example.com'],
    resolver: { resolve4: async () => await never, resolve6: async () => [] },
    monotonic: () => 0,
  })
  const wait = setTimeout(() => undefined, 10_000)
  t.after(() => clearTimeout(wait))
  assert.deepEqual(await vouchedBy(source), {
    known: false,
    because: 'worker-1.example.com cannot be looked up: no answer within 2500 ms',
  })
})
