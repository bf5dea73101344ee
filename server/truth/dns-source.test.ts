import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Resolver } from '../ports.ts'
import { DnsSource } from './dns-source.ts'

const TEN_1 = '0a000001'
const FD_1 = `fd00${'0'.repeat(27)}1`
const asked = {
  node: { name: 'worker-1' },
  names: ['worker-1', 'worker-1.example.com'],
  addresses: [TEN_1, FD_1],
}

/** Answers by name, or why it cannot; a name that is not here does not exist. */
function begin(answers: Readonly<Record<string, readonly string[] | string>>) {
  const queries: string[] = []
  const resolver: Resolver = {
    lookUp: async (names) => void queries.push(...names),
    answer(name) {
      if (!queries.includes(name)) return undefined
      const found = answers[name] ?? []
      return typeof found === 'string' ? { known: false, because: found } : { known: true, value: found }
    },
  }
  return { source: new DnsSource({ domains: ['example.com', 'test'], resolver }), queries }
}

async function vouchedBy(source: DnsSource, about = asked) {
  await source.ask(about)
  return source.vouch(about)
}

test('the DNS vouches for the name of the Node in a domain, and for its addresses, if all are asked for', async () => {
  const { source, queries } = begin({ 'worker-1.example.com': [TEN_1, FD_1] })
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
  assert.deepEqual([queries, await source.ask(asked)], [['worker-1.example.com'], false])
})

test('a name that has another address besides vouches for nothing', async () => {
  const { source } = begin({ 'worker-1.example.com': [TEN_1, '0a000002'] })
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
  const { source } = begin({ [name]: [TEN_1] })
  const vouched = await vouchedBy(source, { ...asked, node: { name }, names: [name] })
  assert.deepEqual(vouched.known && [vouched.value.names, vouched.value.addresses], [[name], [TEN_1]])
})

test('a name that does not exist vouches for nothing', async () => {
  const { source } = begin({})
  assert.deepEqual(await vouchedBy(source), {
    known: true,
    value: { names: [], addresses: [], says: 'worker-1.example.com does not exist' },
  })
})

test('a look-up that fails makes the answer unknown', async () => {
  const { source } = begin({ 'worker-1.example.com': 'ESERVFAIL' })
  assert.deepEqual(await vouchedBy(source), {
    known: false,
    because: 'worker-1.example.com cannot be looked up: ESERVFAIL',
  })
})
