import assert from 'node:assert/strict'
import test from 'node:test'
import { answering, FakeApi, type Fault, isList } from '../../test/kit/fake-api/fake-api.ts'
import { listen } from '../../test/kit/fake-api/quiet.ts'
import type { Item } from './items.ts'
import { readPage } from './list.ts'
import { connect } from './transport.ts'

const NODES = '/api/v1/nodes'

/** Reads one page from a server that holds `count` Nodes, or that answers with `instead`. */
async function read(
  t: test.TestContext,
  count: number,
  { token = '', instead }: { token?: string; instead?: Fault } = {},
) {
  const api = await FakeApi.start()
  const nodes = api.collection(NODES)
  for (let number = 0; number < count; number += 1) nodes.put({ metadata: { name: `n${number}` } })
  if (instead !== undefined) api.plan(instead, isList)
  const { instruments } = listen()
  const cluster = connect({ env: api.env, serviceAccount: api.serviceAccount }, instruments)
  t.after(async () => {
    await cluster.close()
    await api[Symbol.asyncDispose]()
  })
  const items: Item[] = []
  const { signal } = new AbortController()
  const listing = { path: NODES, fieldSelector: 'metadata.name!=x' }
  const page = await readPage(cluster, listing, token, { signal, found: (item) => void items.push(item) })
  return { page, items, urls: api.heard.map(({ url }) => url), version: String(nodes.version) }
}

const answer = (body: string, headers: Record<string, string> = {}): Fault => {
  return (_request, response) => void response.writeHead(200, headers).end(body)
}

test('a page gives its objects, its version and the token of the next one', async (t) => {
  const first = await read(t, 501)
  assert.deepEqual(first.page, { ok: true, resourceVersion: first.version, next: '500' })
  assert.equal(first.items.length, 500)
  assert.deepEqual(first.urls, [`${NODES}?limit=500&fieldSelector=metadata.name%21%3Dx`])
  const last = await read(t, 501, { token: '500' })
  assert.deepEqual(last.page, { ok: true, resourceVersion: last.version, next: '' })
  assert.equal(last.items.length, 1)
})

test('an answer that is no list is not taken for an empty one', async (t) => {
  for (const body of [
    '<html><body>404 Not Found</body></html>',
    '{"kind":"APIVersions","metadata":{"resourceVersion":"1"}}',
    '{"kind":"NodeList","metadata":{},"items":[]}',
    '{"kind":"NodeList","metadata":{"resourceVersion":"1"},"items":[',
    '{}',
    '',
  ]) {
    const { page, items } = await read(t, 3, { instead: answer(body) })
    assert.deepEqual([page.ok, !page.ok && page.reason, items.length], [false, 'Unreadable', 0], body)
  }
})

test('a refusal is passed on as it is, with what the server asks for', async (t) => {
  const busy = answering({ code: 429, reason: 'TooManyRequests', message: 'slow' }, { 'retry-after': '7' })
  const { page } = await read(t, 1, { instead: busy })
  assert.deepEqual(page, {
    ok: false,
    status: 429,
    reason: 'TooManyRequests',
    message: 'slow',
    retryAfterMs: 7_000,
  })
})

test('a page whose connection breaks is a failure without a status', async (t) => {
  const torn: Fault = (_request, response) => {
    response
      .writeHead(200)
      .write('{"kind":"NodeList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"n1"}}')
    setTimeout(() => response.destroy(), 20)
  }
  const { page } = await read(t, 1, { instead: torn })
  assert.deepEqual([page.ok, !page.ok && page.status], [false, 0])
})
