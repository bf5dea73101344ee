import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAddress, parseAddress, parsePrefix, parseReportedAddress } from '../../../policies/address.ts'
import { selectNode } from '../../../server/facts/nodes.ts'
import { oracleFor } from '../oracle.ts'
import { type Random, seededRandom } from '../../kit/random.ts'

const CASES = 20_000

/** What people, clouds and attackers write for addresses. */
const SEEDS = [
  '',
  ...'10.0.0.1 0.0.0.0 255.255.255.255 010.0.0.1 10.0.0.01 10.1 167772161 0x0a000001 0xa.0.0.1 256.0.0.1 1.2.3 1.2.3.4.5 1.2.3.4. .1.2.3.4'.split(
    ' ',
  ),
  ...'1..2.3 +1.2.3.4 1e1.0.0.1 ١.2.3.4 :: ::1 1:: fd00::1 FD00::1 2001:db8:1:2:3:4:5:6 1:2:3:4:5:6:7:8:9 1:2:3:4:5:6:7 1:::2'.split(
    ' ',
  ),
  ...'::1:: ::ffff:10.0.0.1 ::ffff:010.0.0.1 ::10.0.0.1 ::ffff:a00:1 1:2:3:4:5:6:1.2.3.4 1:2:3:4:5:6:7:1.2.3.4 fe80::1%eth0 ::1%'.split(
    ' ',
  ),
  ...'10.0.0.1%eth0 00000::1 0001::1 1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8 [::1] :1 1:'.split(' '),
]
const CHARACTERS = '0123456789abcdefABCDEFxg:.%/ -+[]\u0660\u0000'
const LENGTHS = [
  '/8',
  '/0',
  '/24',
  '/32',
  '/33',
  '/64',
  '/128',
  '/129',
  '/08',
  '/',
  '/-1',
  '/+8',
  '/8/8',
  '/ 8',
  '/0x8',
  '',
]

function changed(text: string, random: Random): string {
  const index = random.below(text.length + 1)
  const character = CHARACTERS[random.below(CHARACTERS.length)] ?? ''
  switch (random.below(5)) {
    case 0:
      return text.slice(0, index) + character + text.slice(index)
    case 1:
      return text.slice(0, index) + text.slice(index + 1)
    case 2:
      return text.slice(0, index) + character + text.slice(index + 1)
    case 3:
      return text.slice(0, index) + random.pick(SEEDS) + text.slice(index)
    default:
      return text
  }
}

function texts(seed: number): string[] {
  const random = seededRandom(seed)
  const generated = Array.from({ length: CASES }, () => changed(changed(random.pick(SEEDS), random), random))
  return [...SEEDS, ...generated]
}

test('an address is read as Go’s net/netip reads it, but for zones, which no certificate holds', async (context) => {
  await using oracle = await oracleFor(context)
  if (!oracle) return
  for (const text of texts(1)) {
    const { strict, zone } = await oracle.address(text)
    assert.equal(parseAddress(text) ?? '', zone === '' ? strict : '', JSON.stringify(text))
  }
})

test('an address that a Node reports is read as its kubelet reads it', async (context) => {
  await using oracle = await oracleFor(context)
  if (!oracle) return
  for (const text of texts(2)) {
    const { kubelet } = await oracle.address(text)
    assert.equal(parseReportedAddress(text) ?? '', kubelet, JSON.stringify(text))
  }
})

test('a prefix is read as net/netip reads it, and refused when bits past its length are set', async (context) => {
  await using oracle = await oracleFor(context)
  if (!oracle) return
  const random = seededRandom(3)
  for (const text of texts(4).map((start) => changed(start + random.pick(LENGTHS), random))) {
    if (!text.includes('/')) continue
    const { valid, masked, address, bits } = await oracle.prefix(text)
    assert.deepEqual(
      parsePrefix(text) ?? null,
      valid && masked ? { address, bits } : null,
      JSON.stringify(text),
    )
  }
})

test('an address is written so that Go reads the same again', async (context) => {
  await using oracle = await oracleFor(context)
  if (!oracle) return
  const random = seededRandom(5)
  for (let made = 0; made < CASES / 4; made += 1) {
    const octets = Array.from({ length: random.pick([4, 16]) }, () =>
      random.percent(50) ? 0 : random.below(256),
    )
    const address = Buffer.from(octets).toString('hex')
    assert.equal((await oracle.address(formatAddress(address))).strict, address)
  }
})

test('an address of a Node grants what its kubelet would ask for, and no more', async (context) => {
  await using oracle = await oracleFor(context)
  if (!oracle) return
  const random = seededRandom(6)
  for (const text of texts(7).filter((candidate) => candidate !== '')) {
    const type = random.pick(['Hostname', 'InternalIP', 'ExternalIP', 'InternalDNS', 'ExternalDNS'])
    const node = selectNode({
      metadata: { name: 'n', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' },
      status: { addresses: [{ type, address: text }] },
    })
    const { kubelet } = await oracle.address(text)
    const granted = { addresses: node?.addresses, names: node?.names.length }
    assert.deepEqual(granted, expected(type, kubelet), JSON.stringify([type, text]))
  }
})

/** pkg/kubelet/certificate addressesToHostnamesAndIPs: only a Hostname may be either. */
function expected(type: string, address: string): { addresses: string[]; names: number } {
  if (type.endsWith('DNS')) return { addresses: [], names: 1 }
  if (address !== '') return { addresses: [address], names: 0 }
  return { addresses: [], names: type === 'Hostname' ? 1 : 0 }
}
