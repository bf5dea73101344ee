import { deepEqual, equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { FakeStore } from '../facts/store.fixture.ts'
import type { Api, ApiCall, JsonObject } from '../ports.ts'
import { Ledger } from './ledger.ts'
import { defaultLimits } from '../../policies/limits.ts'
import { addApproval } from './record.ts'
import { applyReleases } from './release.ts'
import { DATA_KEY, type LedgerPlace, readShard, type Shard, shardNames, shardOf } from './shard.ts'
import { formatShard } from './shard-text.ts'
import { writeShard } from './writer.ts'

const AT = 1_767_225_600_000
const place: LedgerPlace = { namespace: 'ns', name: 'gate-ledger' }
const INDEX = shardOf('n1')
const NAME = shardNames(place)[INDEX] ?? ''
const ADDRESS = 'iPAddress:c633640b'
const silent = () => undefined
const log = { debug: silent, info: silent, warn: silent, error: silent }

const grants = (csr: string, approvedAt = AT, uid = 'u1') =>
  addApproval(undefined, {
    node: 'n1',
    uid,
    grant: { csr, key: `key-of-${csr}`, credentialId: null, approvedAt, notAfter: AT + 1e10 },
    claims: ['dNSName:n1', ADDRESS],
    seen: new Map(),
  })
const textOf = (...nodes: ReturnType<typeof grants>[]) => formatShard({ nodes, released: [] })

function shard(resourceVersion: string, text: string, release = ''): Shard {
  const annotations = release === '' ? {} : { 'kubelet-csr-gate.io/release': release }
  return readShard({ metadata: { name: NAME, resourceVersion, annotations }, data: { [DATA_KEY]: text } })
}

function begin(at?: Shard) {
  const store = new FakeStore<Shard>({}, 'the ledger')
  const told: object[] = []
  const warn = (fields: object) => void told.push(fields)
  const ledger = new Ledger({ place, store, log: { warn } })
  const set = (one: Shard | undefined) => store.set(`ns/${NAME}`, one)
  if (at !== undefined) set(at)
  return { store, ledger, set, told }
}

/** An API that holds one ConfigMap and answers with conflicts as the real one does. */
function apiWith(calls: ApiCall[], stored: JsonObject | null): Api {
  return {
    async call(call) {
      calls.push(call)
      const missing = { ok: false, status: 404, reason: 'NotFound', message: '', retryAfterMs: null } as const
      if (call.method === 'GET') return stored === null ? missing : { ok: true, status: 200, object: stored }
      const sent = JSON.stringify(call.body)
      const isCurrent = stored === null || sent.includes(`"resourceVersion":"${versionOf(stored)}"`)
      if (!isCurrent) return { ...missing, status: 409, reason: 'Conflict' }
      return { ok: true, status: 200, object: { metadata: { resourceVersion: '100' } } }
    },
  }
}
const versionOf = ({ metadata }: JsonObject): string => JSON.stringify(metadata).replaceAll(/\D/gu, '')
const writing = (ledger: Ledger, api: Api) => ({
  ledger,
  place,
  api,
  log,
  now: () => AT,
  mayWrite: () => true,
})

test('grants are found by their Node, by what was granted and by their key, and are gone with their ConfigMap', () => {
  const { ledger, set } = begin(shard('1', textOf(grants('csr-1'))))
  equal(ledger.of('u1')?.last.csr, 'csr-1')
  for (const key of [ADDRESS, 'dNSName:n1', 'key:key-of-csr-1']) equal(ledger.having(key).length, 1, key)
  equal(ledger.called('n1').length, 1)
  set(undefined)
  deepEqual([ledger.of('u1'), ledger.having(ADDRESS), ledger.incomplete('n1')], [undefined, [], null])
})

test('until the ledger has been read, nobody’s grants are complete', () => {
  const { ledger, store } = begin()
  store.phase = 'syncing'
  equal(ledger.incomplete('n1'), 'the list of the ledger has not been read yet')
})

test('a ConfigMap that is garbled, cut off or of a newer version leaves what was known, and says so for its Nodes', () => {
  const whole = textOf(grants('csr-1'))
  for (const [text, because] of [
    ['nonsense', /its first line is no JSON object/u],
    [whole.slice(0, -20), /it is cut off/u],
    [whole.replace('"version":1', '"version":9'), /it has version 9/u],
  ] as const) {
    const { ledger, set, told } = begin(shard('1', whole))
    deepEqual(told, [])
    set(shard('2', text))
    deepEqual(told, [{ problem: ledger.problemOf(INDEX)?.because }])
    match(ledger.incomplete('n1') ?? '', because)
    equal(ledger.of('u1')?.last.csr, 'csr-1')
    equal(ledger.size().unreadable, 1)
    // Repaired from memory, but never a newer one.
    equal(ledger.dirty().has(INDEX), ledger.problemOf(INDEX)?.kind === 'garbled')
    set(shard('3', whole))
    equal(ledger.incomplete('n1'), null)
  }
})

test('a change is written once, with the version that was read, and nothing is written again', async () => {
  const { ledger } = begin(shard('7', textOf(grants('csr-1'))))
  equal(ledger.dirty().size, 0)
  ledger.put(grants('csr-2', AT + 5_000))
  const calls: ApiCall[] = []
  equal(
    await writeShard(INDEX, writing(ledger, apiWith(calls, { metadata: { resourceVersion: '7' } }))),
    'written',
  )
  deepEqual([calls.length, calls[0]?.method, ledger.dirty().size], [1, 'PATCH', 0])
  equal(ledger.stateOf(INDEX).resourceVersion, '100')
})

test('a ConfigMap that does not exist is created', async () => {
  const { ledger } = begin()
  ledger.put(grants('csr-1'))
  const calls: ApiCall[] = []
  equal(await writeShard(INDEX, writing(ledger, apiWith(calls, null))), 'written')
  deepEqual([calls[0]?.method, calls[0]?.path], ['POST', '/api/v1/namespaces/ns/configmaps'])
})

test('after a conflict the other’s content is read, and only what is newer here is written over it', async () => {
  const { ledger } = begin(shard('7', textOf()))
  ledger.put(grants('csr-mine', AT + 5_000))
  const theirs = textOf(grants('csr-theirs', AT), grants('csr-other', AT, 'u2'))
  const stored = { metadata: { name: NAME, resourceVersion: '9' }, data: { [DATA_KEY]: theirs } }
  const api = apiWith([], stored)
  equal(await writeShard(INDEX, writing(ledger, api)), 'conflict')
  deepEqual([ledger.of('u1')?.last.csr, ledger.of('u2')?.last.csr], ['csr-mine', 'csr-other'])
  equal(ledger.dirty().has(INDEX), true)
})

test('what the watch shows late does not undo what was written', () => {
  const { ledger, set } = begin(shard('7', textOf()))
  const mine = grants('csr-1')
  ledger.put(mine)
  ledger.written(INDEX, { nodes: [mine], released: [] }, '9')
  set(shard('8', textOf()))
  equal(ledger.of('u1'), mine)
})

test('an operator’s annotation releases an address, outlasts stored CSRs, and is removed with the next write', async () => {
  const { ledger } = begin(shard('7', textOf(grants('csr-1')), ' 198.51.100.11, N1 '))
  const told: string[] = []
  const clock = { serverNow: () => AT + 1_000 }
  const tellReleased = ({ text }: { readonly text: string }) => void told.push(text)
  applyReleases({ ledger, clock, log, tellReleased })
  applyReleases({ ledger, clock, log, tellReleased })
  deepEqual(told, ['198.51.100.11', 'n1'])
  deepEqual([ledger.having(ADDRESS), ledger.releasedAt(ADDRESS)], [[], AT + 1_000])
  const calls: ApiCall[] = []
  await writeShard(INDEX, writing(ledger, apiWith(calls, { metadata: { resourceVersion: '7' } })))
  match(JSON.stringify(calls[0]?.body), /"kubelet-csr-gate.io\/release":null/u)
})

test('a ConfigMap that would be too large is not written', async () => {
  const { ledger } = begin(shard('7', textOf()))
  ledger.put(grants('csr-1'))
  const calls: ApiCall[] = []
  const limits = { ...defaultLimits, ledger: { ...defaultLimits.ledger, textMaxBytes: 100 } }
  equal(await writeShard(INDEX, { ...writing(ledger, apiWith(calls, {})), limits }), 'failed')
  deepEqual([calls, ledger.dirty().has(INDEX)], [[], true])
})

test('where a ConfigMap has too much, those that are gone for longest are forgotten, as few as it takes', async () => {
  const goneFor = [3e6, 4e6, 2e6, 5e6]
  // So long that a fourth of the text is a whole number of bytes.
  const padding = 4 - (textOf(...goneFor.map(gone)).length % 4)
  const all = goneFor
    .map(gone)
    .with(0, { ...grants(`csr-0${'0'.repeat(padding)}`, AT, 'u0'), goneAt: AT - 3e6 })
  const length = textOf(...all).length
  const left = async (goneMaxBytes: number) => {
    const { ledger } = begin(shard('7', textOf(...all)))
    const limits = { ...defaultLimits, ledger: { ...defaultLimits.ledger, goneMaxBytes } }
    equal(await writeShard(INDEX, { ...writing(ledger, apiWith([], null)), limits }), 'written')
    return [...ledger.all()].map(({ uid }) => uid).toSorted()
  }
  const everyone = ['u0', 'u1', 'u2', 'u3']
  for (const room of [0, 1, length / 4, length]) deepEqual(await left(length + room), everyone)
  deepEqual(await left(length - 1), ['u0', 'u1', 'u2'])
  deepEqual(await left(length - length / 4), ['u0', 'u1', 'u2'])
  deepEqual(await left(length - length / 4 - 1), ['u0', 'u2'])
})

function gone(ms: number, index: number) {
  return { ...grants(`csr-${index}`, AT, `u${index}`), goneAt: AT - ms }
}

test('a ConfigMap that is not there any more is forgotten, and one that cannot be read again is not', async () => {
  for (const [status, version] of [
    [404, null],
    [500, '7'],
  ] as const) {
    const { ledger } = begin(shard('7', textOf(grants('csr-1'))))
    const api: Api = {
      call: async ({ method }) => {
        const answered = method === 'GET' ? status : 404
        return { ok: false, status: answered, reason: '', message: '', retryAfterMs: null }
      },
    }
    equal(await writeShard(INDEX, writing(ledger, api)), 'conflict')
    deepEqual(
      [ledger.stateOf(INDEX).resourceVersion, ledger.having(ADDRESS).length],
      [version, version === null ? 0 : 1],
    )
  }
})
