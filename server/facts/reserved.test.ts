import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reservation } from '../../policies/types.ts'
import type { Reservations } from './reservations.ts'
import { ReservedSet } from './reserved.ts'
import { FakeStore } from './store.fixture.ts'

const reserved = (value: string): Reservation => ({ kind: 'name', value, origin: 'a test', apiServer: false })

function setUp() {
  const services = new FakeStore<Reservations>({ web: [reserved('10-96-0-7')] }, 'Services')
  const endpoints = new FakeStore<Reservations>({ kubernetes: [reserved('api')] }, 'EndpointSlices')
  const stores = [services, endpoints]
  let identity = { host: 'api.example.com', certificateNames: ['api.example.com'], certificateAddresses: [] }
  const set = new ReservedSet({
    reservations: () => stores,
    serviceAddresses: () => services,
    apiServer: () => identity,
  })
  const names = () => {
    const now = set.now()
    return now.known ? [...new Set(now.value.map(({ value }) => value))] : now.because
  }
  const move = (host: string) => {
    identity = { host, certificateNames: [host], certificateAddresses: [] }
  }
  return { set, services, endpoints, stores, names, move }
}

test('what a list holds counts from the moment at which it changes', () => {
  const { services, endpoints, names } = setUp()
  assert.deepEqual(names(), ['10-96-0-7', 'api', 'api.example.com'])
  services.set('db', [reserved('10-96-0-8')])
  assert.deepEqual(names(), ['10-96-0-7', '10-96-0-8', 'api', 'api.example.com'])
  services.set('web', [reserved('10-96-0-9')])
  endpoints.set('kubernetes', undefined)
  assert.deepEqual(names(), ['10-96-0-9', '10-96-0-8', 'api.example.com'])
})

test('another identity of the API server, and another list, count at once', () => {
  const { stores, names, move } = setUp()
  names()
  move('new.example.com')
  assert.deepEqual(names(), ['10-96-0-7', 'api', 'new.example.com'])
  stores[1] = new FakeStore<Reservations>({ other: [reserved('other')] })
  assert.deepEqual(names(), ['10-96-0-7', 'other', 'new.example.com'])
})

test('nothing is collected anew while nothing changes', () => {
  const { set, services } = setUp()
  const first = set.now()
  assert.equal(set.now(), first)
  services.ageMs = 600_000
  assert.equal(set.now().known, false)
  services.ageMs = 0
  assert.equal(set.now(), first)
})
