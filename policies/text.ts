/** What a requester wrote, made safe for a terminal, a log line, an Event and a warning header. */

/** Longest quotation of one value, escapes included: a DNS name of 63 characters, an address, a subject's start. */
const QUOTED_MAX = 80
/** Values quoted of a list; the rest is counted. */
const LISTED_MAX = 3

/** `"value"` in printable ASCII: everything else as \uXXXX, cut between two characters at 80 with `...` after it. */
export function quoted(value: string): string {
  let shown = ''
  for (const character of value) {
    const escaped = escapeUnsafe(JSON.stringify(character).slice(1, -1))
    if (shown.length + escaped.length > QUOTED_MAX) return `"${shown}..."`
    shown += escaped
  }
  return `"${shown}"`
}

/** `"a", "b", "c" and 4 more`; `none` for an empty list. */
export function listed(values: readonly string[]): string {
  if (values.length === 0) return 'none'
  const shown = values.slice(0, LISTED_MAX).map(quoted).join(', ')
  return values.length > LISTED_MAX ? `${shown} and ${values.length - LISTED_MAX} more` : shown
}

/** One line of printable ASCII of at most `max` characters, whatever was written into `text`; our prose has ’. */
export function oneLine(text: string, max: number): string {
  const escaped = escapeUnsafe(text.slice(0, max).replaceAll('’', "'"))
  return text.length > max || escaped.length > max ? `${escaped.slice(0, max - 3)}...` : escaped
}

function escapeUnsafe(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/gu, escapeCharacter)
}

function escapeCharacter(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
