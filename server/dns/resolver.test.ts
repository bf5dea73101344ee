import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { manyAddresses, NameServer, type Zone } from '../../test/kit/name-server.ts'
import { createResolver, DnsResolver } from './resolver.ts'

const TEN_1 = '0a000001'
const FD_1 = `fd00${'0'.repeat(27)}1`

async function serve(t: TestContext, zone: Zone) {
  const server = new NameServer(zone)
  const address = await server.start()
  t.after(async () => await server[Symbol.asyncDispose]())
  return { server, resolver: createResolver([address], () => performance.now()) }
}

test('a name leads to all its addresses, of both families', async (t) => {
  const { server, resolver } = await serve(t, { 'db.example.com': ['10.0.0.1', 'fd00::1'] })
  assert.equal(resolver.answer('db.example.com'), undefined)
  await resolver.lookUp(['db.example.com', 'db.example.com', 'none.example.com'])
  assert.deepEqual(resolver.answer('db.example.com'), { known: true, value: [TEN_1, FD_1] })
  assert.deepEqual(resolver.answer('none.example.com'), { known: true, value: [] })
  // Absolute: no search domain, in which a tenant may have made the name.
  const names = ['db.example.com.', 'none.example.com.'].flatMap((name) => [`udp ${name}`, `udp ${name}`])
  assert.deepEqual(server.asked.toSorted(), names)
})

test('an IPv4-mapped address is the IPv4 address', async (t) => {
  const { resolver } = await serve(t, { 'db.example.com': ['::ffff:10.0.0.1', '10.0.0.1'] })
  await resolver.lookUp(['db.example.com'])
  assert.deepEqual(resolver.answer('db.example.com'), { known: true, value: [TEN_1] })
})

test('what does not fit into a datagram is asked over TCP, and of 1,000 addresses as many are kept as no request has', async (t) => {
  const { server, resolver } = await serve(t, {
    'some.example.com': manyAddresses(60),
    'many.example.com': manyAddresses(1_000),
  })
  await resolver.lookUp(['some.example.com', 'many.example.com'])
  const [some, many] = ['some', 'many'].map((name) => resolver.answer(`${name}.example.com`))
  assert.deepEqual([some?.known && some.value.length, many?.known && many.value.length], [60, 101])
  assert.ok(server.asked.includes('tcp some.example.com.'))
})

test('a server that fails or is silent makes the answer unknown, within a second and a bit', async (t) => {
  const { resolver } = await serve(t, {
    'failing.example.com': 'servfail',
    'silent.example.com': 'silent',
    'db.example.com': ['10.0.0.1'],
  })
  const begun = performance.now()
  await resolver.lookUp(['failing.example.com', 'silent.example.com', 'db.example.com'])
  const tookMs = performance.now() - begun
  const because = (name: string) => {
    const answer = resolver.answer(name)
    return answer?.known === false ? answer.because : 'known'
  }
  assert.equal(because('failing.example.com'), 'ESERVFAIL')
  assert.match(because('silent.example.com'), /^(?:ETIMEOUT|no answer within 1000 ms)$/u)
  assert.ok(resolver.answer('db.example.com')?.known, 'it waits for nobody')
  assert.ok(tookMs < 3_000, `${tookMs} ms`)
})

/** Answers by absolute name, or the code of an error; a name that is not here does not exist. */
function begin(a: Readonly<Record<string, readonly string[]>>, aaaa: Readonly<Record<string, string>> = {}) {
  let nowMs = 0
  let queries = 0
  const query = async (found: readonly string[] | string = 'ENOTFOUND'): Promise<readonly string[]> => {
    queries += 1
    if (typeof found === 'string') throw Object.assign(new Error(found), { code: found })
    return found
  }
  const resolver = new DnsResolver({
    queries: { resolve4: (name) => query(a[name]), resolve6: (name) => query(aaaa[name]) },
    monotonic: () => nowMs,
  })
  return { resolver, queries: () => queries, pass: (ms: number) => void (nowMs += ms) }
}

test('an answer is kept for 30 s, one that there is no such name for 5 s, a failure for 2 s', async () => {
  const there = { 'db.example.com.': ['10.0.0.1'] }
  const cases = [
    [begin(there), 30_000],
    [begin({}, { 'db.example.com.': 'ENODATA' }), 5_000],
    ...['ESERVFAIL', 'ETIMEOUT', 'ECONNREFUSED', 'EREFUSED'].map(
      (code) => [begin(there, { 'db.example.com.': code }), 2_000] as const,
    ),
  ] as const
  for (const [{ resolver, queries, pass }, keptMs] of cases) {
    await resolver.lookUp(['db.example.com'])
    pass(keptMs - 1)
    await resolver.lookUp(['db.example.com'])
    assert.equal(queries(), 2)
    pass(1)
    assert.equal(resolver.answer('db.example.com'), undefined)
    await resolver.lookUp(['db.example.com'])
    assert.equal(queries(), 4)
  }
})

test('one call looks up 16 names, and a name that is asked for twice is looked up once', async () => {
  const { resolver, queries } = begin({})
  const names = Array.from({ length: 20 }, (_, index) => `n${index}.example.com`)
  await Promise.all([resolver.lookUp(names), resolver.lookUp(names)])
  assert.equal(queries(), 32)
  await resolver.lookUp(names)
  assert.equal(queries(), 40)
})

test('a server that never answers is given up after a second', async (t) => {
  const never = new Promise<never>(() => undefined)
  const queries = { resolve4: async () => await never, resolve6: async () => [] }
  const resolver = new DnsResolver({ queries, monotonic: () => 0 })
  const wait = setTimeout(() => undefined, 10_000)
  t.after(() => clearTimeout(wait))
  await resolver.lookUp(['db.example.com'])
  assert.deepEqual(resolver.answer('db.example.com'), {
    known: false,
    because: 'no answer within 1000 ms',
  })
})

test('20,000 answers are kept', async () => {
  const none = async () => []
  const resolver = new DnsResolver({ queries: { resolve4: none, resolve6: none }, monotonic: () => 0 })
  const names = Array.from({ length: 20_001 }, (_, index) => `n${index}`)
  for (let at = 0; at < names.length; at += 16) await resolver.lookUp(names.slice(at, at + 16))
  assert.deepEqual([resolver.answer('n0'), resolver.answer('n1')?.known], [undefined, true])
})
