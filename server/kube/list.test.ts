import assert from 'node:assert/strict'
import test from 'node:test'
import { answering, type Fault, isList } from '../../test/embedded/faults.ts'
import { FaultyApi } from '../../test/embedded/faulty-api.ts'
import { listen } from '../../test/kit/quiet.ts'
import type { Item } from './items.ts'
import { readPage } from './list.ts'
import { connect } from './transport.ts'

const NODES = '/api/v1/nodes'

/** Reads pages of a server that holds `count` Nodes, or that answers the first with `instead`. */
async function begin(t: test.TestContext, count: number, instead?: Fault) {
  const api = await FaultyApi.start()
  const nodes = api.collection(NODES)
  for (let number = 0; number < count; number += 1) nodes.put({ metadata: { name: `n${number}` } })
  if (instead !== undefined) api.plan(instead, isList)
  const { recorder } = listen()
  const cluster = connect({ env: api.env, serviceAccount: api.serviceAccount }, recorder)
  t.after(async () => {
    await cluster.close()
    await api[Symbol.asyncDispose]()
  })
  const { signal } = new AbortController()
  const listing = { path: NODES, fieldSelector: 'metadata.name!=x' }
  const read = async (token = '') => {
    const items: Item[] = []
    const page = await readPage(cluster, listing, token, { signal, found: (item) => void items.push(item) })
    return { page, items }
  }
  return { read, heard: api.heard, version: String(nodes.version) }
}

const answer = (body: string, headers: Record<string, string> = {}): Fault => {
  return (_request, response) => void response.writeHead(200, headers).end(body)
}

test('a page gives its objects, its version and the token of the next one', async (t) => {
  const { read, heard, version } = await begin(t, 501)
  const first = await read()
  assert.ok(first.page.ok)
  assert.deepEqual([first.page.resourceVersion, first.items.length], [version, 500])
  assert.equal(heard[0]?.url, `${NODES}?limit=500&fieldSelector=metadata.name%21%3Dx`)
  const last = await read(first.page.next)
  assert.deepEqual(last.page, { ok: true, resourceVersion: version, next: '' })
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
    const { page, items } = await (await begin(t, 3, answer(body))).read()
    assert.deepEqual([page.ok, !page.ok && page.reason, items.length], [false, 'Unreadable', 0], body)
  }
})

test('a refusal is passed on as it is, with what the server asks for', async (t) => {
  const busy = answering({ code: 429, reason: 'TooManyRequests', message: 'slow' }, { 'retry-after': '7' })
  const { page } = await (await begin(t, 1, busy)).read()
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
  const { page } = await (await begin(t, 1, torn)).read()
  assert.deepEqual([page.ok, !page.ok && page.status], [false, 0])
})
