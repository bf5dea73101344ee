import { isIP } from 'node:net'

/** The value of a flag, or what it must be, worded to follow "must be". */
type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly wanted: string }

export type Reader<T> = (text: string) => Reading<T>

const read = <T>(value: T): Reading<T> => ({ ok: true, value })
const refuse = (wanted: string): Reading<never> => ({ ok: false, wanted })

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

const DOMAIN =
  /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*$/u

/** A DNS name in any case, or an IP address. */
export const nameOrAddress: Reader<string> = (given) => {
  const folded = given.toLowerCase()
  return isIP(folded) !== 0 || DOMAIN.test(folded) ? read(folded) : refuse('a DNS name or an IP address')
}
