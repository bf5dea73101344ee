import { defineCheck, fail, pass } from '../check.ts'
import { isPunycode } from '../punycode.ts'
import { shown } from '../text.ts'

/** RFC 1123 §2.1: letters, digits, hyphens inside. */
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/u
/** What inet_aton(3) takes for a part of an IPv4 address. */
const NUMBER = /^(?:\d+|0[xX][0-9A-Fa-f]*)$/u

export const namesAreWellFormed = defineCheck({
  code: 'NameMalformed',
  stage: 'request',
  failure: 'violation',
  requires:
    'Every DNS name consists of ASCII letters, digits and hyphens, in labels of 1 to 63 characters and 253 at most. No wildcard, trailing dot, underscore or NUL, no broken `xn--` label, and nothing that a client reads as an address.',
  because: 'A wildcard covers every node. Unusual spellings match in one client and not in another.',
  source:
    'RFC 1123 §2.1; RFC 5280 §4.2.1.6; RFC 5891 §5.4; RFC 6125 §7.2; https://url.spec.whatwg.org/#ends-in-a-number-checker',
  run: ({ request: { sans } }) => {
    for (const { kind, value, at } of sans) {
      const problem = kind === 'dNSName' ? problemOf(value) : undefined
      if (problem !== undefined) return fail(`the DNS name ${shown(value)} ${problem}`, { at })
    }
    return pass
  },
})

function problemOf(name: string): string | undefined {
  if (name.length > 253) return `has ${name.length} characters`
  const labels = name.split('.')
  if (labels[0] === '*') return 'is a wildcard'
  if (name.endsWith('.')) return 'ends in a dot'
  if (!labels.every((label) => LABEL.test(label)))
    return 'has a label that is not letters, digits and hyphens'
  if (labels.some(isBrokenIdna)) return 'has an xn-- label that is not valid punycode'
  return readsAsAddress(labels) ? 'reads as an address' : undefined
}

/** A label that no registry accepts is decoded in one client and compared as text in another. */
function isBrokenIdna(label: string): boolean {
  const lower = label.toLowerCase()
  return lower.startsWith('xn--') && !isPunycode(lower.slice('xn--'.length))
}

/** As inet_aton(3) reads one number, this is below 1.0.0.0: no host has such an address. */
const SMALLEST_OF_A_HOST = 2 ** 24

/**
 * URL parsers take a name whose last label is a number for an address, whatever stands before it. A lone small number is a
 * legal host name, and a node may be called 1234.
 */
function readsAsAddress(labels: readonly string[]): boolean {
  const last = labels.at(-1) ?? ''
  if (!NUMBER.test(last)) return false
  return labels.length > 1 || !/^\d+$/u.test(last) || Number(last) >= SMALLEST_OF_A_HOST
}
