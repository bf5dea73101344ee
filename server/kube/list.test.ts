import assert from 'node:assert/strict'
import test from 'node:test'
import type { Api, ApiAnswer, JsonObject } from '../ports.ts'
import { type Listing, listAll } from './list.ts'

const expired: ApiAnswer = {
  ok: false,
  status: 410,
  reason: 'Expired',
  message: 'too old',
  retryAfterMs: null,
}
const tooLarge: ApiAnswer = {
  ok: false,
  status: 200,
  reason: 'TooLarge',
  message: 'too large',
  retryAfterMs: null,
}

/** A server of `count` objects that may answer otherwise. */
function serving(
  count: number,
  instead: (query: URLSearchParams) => ApiAnswer | undefined = () => undefined,
) {
  const asked: string[] = []
  const api: Api = {
    call: async ({ path }) => {
      asked.push(path)
      const query = new URL(path, 'https://x').searchParams
      const begin = Number(query.get('continue') ?? 0)
      const end = Math.min(begin + Number(query.get('limit')), count)
      const items = Array.from({ length: end - begin }, (_, index) => ({ number: begin + index }))
      const metadata = { resourceVersion: '7', ...(end < count && { continue: String(end) }) }
      return instead(query) ?? { ok: true, status: 200, object: { metadata, items } }
    },
  }
  return { api, asked }
}

function list(api: Api, listing: Listing = { path: '/nodes', fieldSelector: undefined }) {
  return listAll(api, listing, new AbortController().signal, () => {
    const items: unknown[] = []
    return { items, add: (object: JsonObject) => void items.push(object['number']) }
  })
}

test('a list is read page by page to its end', async () => {
  const { api, asked } = serving(501)
  const listed = await list(api)
  assert.equal(listed.ok && listed.read.items.length, 501)
  assert.equal(listed.ok && listed.resourceVersion, '7')
  assert.deepEqual(asked, [
    '/nodes?limit=200',
    '/nodes?limit=200&continue=200',
    '/nodes?limit=200&continue=400',
  ])
})

test('a field selector is sent with each page', async () => {
  const { api, asked } = serving(1)
  await list(api, {
    path: '/csrs',
    fieldSelector: 'spec.signerName=kubernetes.io/kubelet-serving',
  })
  assert.deepEqual(asked, ['/csrs?limit=200&fieldSelector=spec.signerName%3Dkubernetes.io%2Fkubelet-serving'])
})

test('a page too large for us is asked for again in smaller ones from where it began, and the next ones grow again', async () => {
  const holdsLarge = (query: URLSearchParams): boolean => {
    const begin = Number(query.get('continue') ?? 0)
    return begin <= 210 && 210 < begin + Number(query.get('limit')) && query.get('limit') !== '1'
  }
  const { api, asked } = serving(300, (query) => (holdsLarge(query) ? tooLarge : undefined))
  const listed = await list(api)
  assert.deepEqual(listed.ok && listed.read.items, [...Array.from({ length: 300 }).keys()])
  const pages = asked.map((path) => new URL(path, 'https://x').searchParams)
  assert.deepEqual(
    pages.map((page) => `${page.get('continue') ?? 0}+${page.get('limit')}`),
    [
      '0+200',
      '200+200',
      '200+50',
      '200+12',
      '200+3',
      '203+6',
      '209+12',
      '209+3',
      '209+1',
      '210+2',
      '210+1',
    ].concat(['211+2', '213+4', '217+8', '225+16', '241+32', '273+64']),
  )
})

test('one object alone may be as large as etcd and JSON can make it', async () => {
  const bounds: (number | undefined)[] = []
  const api: Api = {
    call: async ({ answerMaxBytes }) => {
      bounds.push(answerMaxBytes)
      return tooLarge
    },
  }
  await list(api)
  assert.deepEqual(bounds, [undefined, undefined, undefined, undefined, 16 * 1_048_576])
})

test('an object that alone is too large fails the list in the end', async () => {
  const { api, asked } = serving(100, () => tooLarge)
  assert.deepEqual(await list(api), tooLarge)
  assert.deepEqual(
    asked.map((path) => path.replace('/nodes?limit=', '')),
    ['200', '50', '12', '3', '1'],
  )
})

test('a continue token that expired begins the list anew, without what was read before', async () => {
  let times = 0
  const { api } = serving(300, (query) => (query.has('continue') && (times += 1) === 1 ? expired : undefined))
  const listed = await list(api)
  assert.equal(listed.ok && listed.read.items.length, 300)
})

test('a list that never stops expiring is given up', async () => {
  const { api, asked } = serving(300, (query) => (query.has('continue') ? expired : undefined))
  assert.deepEqual(await list(api), expired)
  assert.equal(asked.length, 12)
})

test('a list without end is given up', async () => {
  const object = { metadata: { resourceVersion: '7', continue: 'more' }, items: [] }
  const { api, asked } = serving(0, () => ({ ok: true, status: 200, object }))
  const listed = await list(api)
  assert.equal(listed.ok ? '' : listed.message, 'the list does not end after 20000 pages')
  assert.equal(asked.length, 20_000)
})

test('an answer that is no list is not taken for an empty one', async () => {
  const { api } = serving(0, () => ({ ok: true, status: 200, object: { kind: 'APIVersions' } }))
  const listed = await list(api)
  assert.equal(listed.ok ? '' : listed.message, 'the list has no resourceVersion')
})
