import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  apiServerReservations,
  selectApiEndpoints,
  selectClusterInfo,
  selectService,
  selectServiceCidr,
} from './reservations.ts'

test('a ServiceCIDR reserves its ranges', () => {
  const object = { metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.96.0.0/16', 'fd00:10:96::/112'] } }
  assert.deepEqual(selectServiceCidr(object), [
    { kind: 'prefix', value: '0a600000/16', origin: 'the Service range kubernetes', apiServer: false },
    {
      kind: 'prefix',
      value: 'fd000010009600000000000000000000/112',
      origin: 'the Service range kubernetes',
      apiServer: false,
    },
  ])
})

test('a Service reserves its cluster IPs, and a headless Service nothing', () => {
  const service = (clusterIPs: string[]) => ({
    metadata: { name: 'web', namespace: 'shop' },
    spec: { clusterIPs },
  })
  assert.deepEqual(selectService(service(['10.96.0.7'])), [
    { kind: 'address', value: '0a600007', origin: 'the Service shop/web', apiServer: false },
  ])
  assert.deepEqual(selectService(service(['None'])), [])
})

test('the endpoints of the API server are reserved as its own', () => {
  const read = selectApiEndpoints({
    endpoints: [{ addresses: ['192.0.2.10'] }, { addresses: ['2001:db8::10'] }],
  })
  assert.deepEqual(
    read.map(({ value, apiServer }) => [value, apiServer]),
    [
      ['c000020a', true],
      ['20010db8000000000000000000000010', true],
    ],
  )
})

test('cluster-info reserves the hosts of its API servers', () => {
  const kubeconfig =
    'clusters: [{name: "", cluster: {server: "https://[2001:db8::1]:6443"}}, {name: b, cluster: {server: "https://API.example:6443"}}]'
  assert.deepEqual(
    selectClusterInfo({ data: { kubeconfig } }).map(({ kind, value }) => `${kind} ${value}`),
    ['address 20010db8000000000000000000000001', 'name api.example'],
  )
})

test('a malformed cluster-info reserves nothing and does not throw', () => {
  for (const kubeconfig of [
    '',
    ': : :',
    '[]',
    '{clusters: 5}',
    '&a [*a]',
    'clusters: [{cluster: {server: nonsense}}]',
  ]) {
    assert.deepEqual(selectClusterInfo({ data: { kubeconfig } }), [], kubeconfig)
  }
  assert.deepEqual(selectClusterInfo({}), [])
})

test('the SANs of the API server’s certificate are reserved as its own, mapped addresses as IPv4', () => {
  const identity = {
    host: '192.0.2.10',
    certificateNames: ['Kubernetes.default'],
    certificateAddresses: ['::ffff:10.96.0.1'],
  }
  assert.deepEqual(
    apiServerReservations(identity).map(({ kind, value }) => `${kind} ${value}`),
    ['address c000020a', 'name kubernetes.default', 'address 0a600001'],
  )
})

test('the API server’s certificate shows the cluster domain, under which Services and pods have their names', () => {
  const identity = {
    host: '192.0.2.10',
    certificateNames: ['kubernetes', 'Kubernetes.default.svc.Corp.internal', 'kubernetes.default.svc'],
    certificateAddresses: [],
  }
  assert.deepEqual(
    apiServerReservations(identity)
      .filter(({ kind }) => kind === 'domain')
      .map(({ value, apiServer }) => [value, apiServer]),
    [
      ['svc.corp.internal', false],
      ['pod.corp.internal', false],
    ],
  )
})
