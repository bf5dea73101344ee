import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from './address.ts'
import { isGlobal } from './global-address.ts'

const isPublic = (text: string): boolean => isGlobal(parseAddress(text) ?? '')
const notPublic = `0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1
  192.88.99.1 192.168.0.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255
  ::1 fc00::1 fe80::1 ff02::1 64:ff9b::8.8.8.8 2001::1 2001:db8::1 2002::1 3fff::1`
const beside = `1.1.1.1 9.255.255.255 11.0.0.1 100.63.0.1 100.128.0.1 172.32.0.1 8.8.8.8
  2001:4860:4860::8888 2003::1 2a00::1 3ffe::1`

test('no special-purpose range is of the public internet', () => {
  for (const text of notPublic.split(/\s+/u)) equal(isPublic(text), false, text)
})

test('what is beside them is', () => {
  for (const text of beside.split(/\s+/u)) equal(isPublic(text), true, text)
})
