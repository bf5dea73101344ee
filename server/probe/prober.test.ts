import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLimits } from '../../policies/limits.ts'
import type { Address, Sight } from '../../policies/types.ts'
import { addressOf, proberOf, SILENT, WAITING } from './prober.fixture.ts'

const [first, second] = [addressOf(1), addressOf(2)]
const CERTIFICATE: Sight = { kind: 'certificate', spkiSha256: 'ab', node: null }

test('an address is dialled once for all who ask within five seconds', async () => {
  const { prober, clock, dialled, counted } = proberOf(async () => CERTIFICATE)
  await Promise.all([prober.probe([first, first]), prober.probe([first])])
  assert.deepEqual(prober.result(first), { ...CERTIFICATE, forMs: 0 })
  clock.now = 5_000
  await prober.probe([first])
  assert.deepEqual(dialled, [first])
  clock.now = 5_001
  await prober.probe([first])
  assert.deepEqual(dialled, [first, first])
  assert.deepEqual(counted, ['certificate', 'certificate'])
})

test('a result is shown for a second more than it is recent, to whoever has just asked', async () => {
  const { prober, clock } = proberOf(async () => CERTIFICATE)
  assert.equal(prober.result(first), undefined)
  await prober.probe([first])
  clock.now = 6_000
  assert.deepEqual(prober.result(first), { ...CERTIFICATE, forMs: 0 })
  clock.now = 6_001
  assert.equal(prober.result(first), undefined)
})

test('what an address shows counts from when it was first seen, and ends with something else or half a minute without a look', async () => {
  let seen = SILENT
  const { prober, clock } = proberOf(async () => seen)
  const lookAt = async (now: number) => {
    clock.now = now
    await prober.probe([first])
    return prober.result(first)
  }
  assert.deepEqual(await lookAt(0), { kind: 'nothing', forMs: 0 })
  assert.deepEqual(await lookAt(1_999), { kind: 'nothing', forMs: 0 })
  assert.deepEqual(await lookAt(2_001), { kind: 'nothing', forMs: 2_001 })
  assert.deepEqual(await lookAt(32_001), { kind: 'nothing', forMs: 32_001 })
  assert.deepEqual(await lookAt(62_002), { kind: 'nothing', forMs: 0 })
  seen = WAITING
  assert.deepEqual(await lookAt(65_000), { ...WAITING, forMs: 0 })
  assert.deepEqual(await lookAt(70_001), { ...WAITING, forMs: 5_001 })
  seen = SILENT
  assert.deepEqual(await lookAt(76_000), { kind: 'nothing', forMs: 0 })
})

test('an address that may not be a node’s is never dialled', async () => {
  const { prober, dialled } = proberOf(
    async () => CERTIFICATE,
    (address) => address !== first,
  )
  await prober.probe([first, second])
  assert.deepEqual(dialled, [second])
  assert.equal(prober.result(first), undefined)
})

test('one call has so many addresses dialled, and the next the rest', async () => {
  const limits = { ...defaultLimits.probe, callMax: 16 }
  const { prober, dialled } = proberOf(async () => CERTIFICATE, undefined, limits)
  const many = Array.from({ length: 32 }, (_, index) => addressOf(index))
  await prober.probe(many)
  assert.deepEqual(dialled, many.slice(0, 16))
  await prober.probe(many)
  assert.deepEqual(dialled, many)
})

test('a call ends when its signal fires, without a result', async () => {
  const { promise, resolve } = Promise.withResolvers<Sight>()
  const { prober, dialled } = proberOf(async () => await promise)
  const stop = new AbortController()
  const probing = prober.probe([first], stop.signal)
  stop.abort()
  await probing
  assert.equal(prober.result(first), undefined)
  await prober.probe([second], stop.signal)
  assert.deepEqual(dialled, [first])
  resolve(SILENT)
})

test('it is told once no kubelet answered at eight addresses, until one answers', async () => {
  const answers = new Map<Address, Sight>()
  const { prober, said, state } = proberOf(async (address) => answers.get(address) ?? SILENT)
  const seven = Array.from({ length: 7 }, (_, index) => addressOf(index))
  answers.set(first, { kind: 'other' })
  await prober.probe(seven)
  assert.equal(state().blind(), false)
  await prober.probe([addressOf(7)])
  assert.equal(state().blind(), true)
  assert.equal(state().blind(), true)
  answers.set(addressOf(8), WAITING)
  await prober.probe([addressOf(8)])
  assert.equal(state().blind(), false)
  assert.deepEqual(said, ['warn: no kubelet is reached', 'info: kubelets are reached again'])
})

test('eight silent addresses are nothing to tell within five minutes of an answer, or apart in time', async () => {
  const answers = new Map<Address, Sight>([[addressOf(0), CERTIFICATE]])
  const { prober, clock, state } = proberOf(async (address) => answers.get(address) ?? SILENT)
  await prober.probe([addressOf(0)])
  clock.now = 299_999
  await prober.probe(Array.from({ length: 8 }, (_, index) => addressOf(index + 1)))
  assert.equal(state().blind(), false)
  clock.now = 300_000
  assert.equal(state().blind(), true)
  clock.now = 599_999
  assert.equal(state().blind(), false)
})

test('the dial of one address is not waited for by a call that asks for others', async () => {
  const { promise, resolve } = Promise.withResolvers<Sight>()
  const { prober, state } = proberOf(async (address) => (address === first ? await promise : CERTIFICATE))
  const slow = prober.probe([first])
  await prober.probe([second])
  assert.equal(state().inProgress(), 1)
  resolve(SILENT)
  await slow
  assert.equal(state().inProgress(), 0)
})
