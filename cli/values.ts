import { isIP } from 'node:net'
import { parsePrefix } from '../policies/address.ts'
import type { Prefix } from '../policies/types.ts'
import type { ListenAddress } from '../server/options.ts'

/** The value of a flag, or what it must be, worded to follow "must be". */
type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly wanted: string }

export type Reader<T> = (text: string) => Reading<T>

const read = <T>(value: T): Reading<T> => ({ ok: true, value })
const refuse = (wanted: string): Reading<never> => ({ ok: false, wanted })

export const text: Reader<string> = (given) => read(given)

export const trueOrFalse: Reader<boolean> = (given) =>
  given === 'true' || given === 'false' ? read(given === 'true') : refuse('true or false')

export function oneOf<const Choice extends string>(choices: readonly Choice[]): Reader<Choice> {
  return (given) => {
    const choice = choices.find((candidate) => candidate === given)
    return choice === undefined ? refuse(`one of ${choices.join(', ')}`) : read(choice)
  }
}

export function wholeNumber(least: number, most: number): Reader<number> {
  return (given) => {
    const value = Number(given)
    const fits = /^\d{1,9}$/u.test(given) && value >= least && value <= most
    return fits ? read(value) : refuse(`a whole number from ${least} to ${most}`)
  }
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }

/** `90s`, `10m` or `1h`, in milliseconds. */
export const duration: Reader<number> = (given) => {
  const [, digits = '', unit = ''] = /^(\d{1,5})([smh])$/u.exec(given) ?? []
  const ms = Number(digits) * (UNITS_MS[unit] ?? 0)
  return ms > 0 ? read(ms) : refuse('a duration such as 90s, 10m or 1h')
}

/** `HOST:PORT`. HOST is an IP address (IPv6 in brackets) or `localhost`, never another name: one address, one listener. */
export const listenAddress: Reader<ListenAddress> = (given) => {
  const [, bracketed, bare, digits] = /^(?:\[([\da-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/u.exec(given) ?? []
  const host = bracketed ?? (bare === 'localhost' ? '127.0.0.1' : bare)
  const port = Number(digits)
  if (host === undefined || isIP(host) === 0 || port > 65_535) {
    return refuse('IP:PORT, such as 0.0.0.0:10250, [::]:10250 or localhost:10250')
  }
  return read({ host, port })
}

export interface NamespacedName {
  readonly namespace: string
  readonly name: string
}

/** The namespace is a DNS label, the object's name a DNS subdomain. */
const NAMESPACED = /^([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)\/([a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?)$/u

export const namespacedName: Reader<NamespacedName> = (given) => {
  const [, namespace, name] = NAMESPACED.exec(given) ?? []
  if (namespace === undefined || name === undefined) return refuse('NAMESPACE/NAME in lower case')
  return read({ namespace, name })
}

/** 15,000 nodes fit into three or four. */
const CONFIG_MAPS_MAX = 16

export const namespacedNames: Reader<readonly NamespacedName[]> = (given) => {
  const listed = given.split(',').flatMap((entry) => {
    const reading = namespacedName(entry.trim())
    return reading.ok ? [reading.value] : []
  })
  const whole = listed.length === given.split(',').length && listed.length <= CONFIG_MAPS_MAX
  return whole ? read(listed) : refuse(`at most ${CONFIG_MAPS_MAX} of NAMESPACE/NAME, separated by commas`)
}

export const namespace: Reader<string> = (given) =>
  /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/u.test(given) ? read(given) : refuse('the name of a namespace')

const DOMAIN =
  /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*$/u

export const domains: Reader<readonly string[]> = (given) => {
  const listed = given.split(',').map((entry) => entry.trim())
  return listed.every((entry) => DOMAIN.test(entry))
    ? read(listed)
    : refuse('domains in lower case without a leading dot, separated by commas')
}

/** IPv6 with a port has brackets, as `dns.setServers` wants it. */
export const dnsServers: Reader<readonly string[]> = (given) => {
  const listed = given.split(',').map((entry) => entry.trim())
  const isServer = (entry: string) => isIP(entry) !== 0 || (entry.includes(':') && listenAddress(entry).ok)
  return listed.every(isServer) ? read(listed) : refuse('IP or IP:PORT, separated by commas')
}

/** A DNS name in any case, or an IP address. */
export const nameOrAddress: Reader<string> = (given) => {
  const folded = given.toLowerCase()
  return isIP(folded) !== 0 || DOMAIN.test(folded) ? read(folded) : refuse('a DNS name or an IP address')
}

/** @param what its entries are, in the plural */
function listOf(what: string): Reader<readonly string[]> {
  return (given) => {
    const listed = given.split(',').map((entry) => entry.trim())
    return listed.includes('') ? refuse(`${what}, separated by commas`) : read(listed)
  }
}

export const names = listOf('names or addresses')
export const groups = listOf('groups')
export const prefixes: Reader<readonly Prefix[]> = (given) => {
  const listed = given.split(',').map((prefix) => parsePrefix(prefix.trim()))
  const valid = listed.filter((prefix) => prefix !== undefined)
  return valid.length === listed.length
    ? read(valid)
    : refuse('addresses or CIDRs without host bits, separated by commas, such as 192.0.2.1,2001:db8::/64')
}

export const httpsUrl: Reader<string> = (given) =>
  URL.canParse(given) && new URL(given).protocol === 'https:' ? read(given) : refuse('an https URL')
