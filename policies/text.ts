/** What a requester wrote, made safe for a terminal, a log line, an Event and a warning header. */

/** Longest quotation of one value: a DNS name of 63 characters, an address, a distinguished name's start. */
const QUOTED_MAX = 80
/** Values quoted of a list; the rest is counted. */
const LISTED_MAX = 3

/** `"value"` in printable ASCII: everything else as \uXXXX, cut at 80 characters. */
export function quoted(value: string): string {
  const cut = value.length > QUOTED_MAX ? `${value.slice(0, QUOTED_MAX)}…` : value
  const escaped = JSON.stringify(cut).replaceAll(/[^\x20-\x7e]/gu, escapeCharacter)
  return escaped.replace(/\\u2026"$/u, '..."')
}

/** `"a", "b", "c" and 4 more`; `none` for an empty list. */
export function listed(values: readonly string[]): string {
  if (values.length === 0) return 'none'
  const shown = values.slice(0, LISTED_MAX).map(quoted).join(', ')
  return values.length > LISTED_MAX ? `${shown} and ${values.length - LISTED_MAX} more` : shown
}

function escapeCharacter(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
