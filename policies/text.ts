/** What a requester wrote, made safe for a terminal, a log line, an Event and a warning: printable ASCII, all else as \uXXXX. */

/** Longest value shown of one name, address or subject, escapes included; a label of a DNS name has 63 characters. */
const SHOWN_MAX = 80
/** Values shown of a list; the rest is counted. */
const LISTED_MAX = 3

/** Names, addresses and user names. Without spaces and quotes, no value reads as a part of the sentence around it. */
const PLAIN = /^[\w:](?:[\w.:/-]*[\w:])?$/u

/** A value inside a sentence: a plain name or address as it is, anything else quoted. */
export function shown(value: string): string {
  return value.length <= SHOWN_MAX && PLAIN.test(value) ? value : quoted(value)
}

/** As nearly all texts are: nothing is escaped. */
const PRINTABLE = /^[\x20-\x7e]*$/u

/** `"value"`, cut between two characters after 80 with `...` at its end. */
export function quoted(value: string): string {
  const { text, whole } = fitted(value, SHOWN_MAX, (character) =>
    character === '"' || character === '\\' ? `\\${character}` : escaped(character),
  )
  return whole ? `"${text}"` : `"${text}..."`
}

/** `a, b, c and 4 more`; `(none)` for an empty list. */
export function listed(values: readonly string[], show = shown): string {
  if (values.length === 0) return '(none)'
  const first = values.slice(0, LISTED_MAX).map(show).join(', ')
  return values.length > LISTED_MAX ? `${first} and ${values.length - LISTED_MAX} more` : first
}

/** One line of at most `max` characters, which are as many bytes, whatever `text` holds; our own prose has ’. */
export function oneLine(text: string, max: number): string {
  if (text.length <= max && PRINTABLE.test(text)) return text
  const escape = (character: string) => (character === '’' ? "'" : escaped(character))
  const line = fitted(text, max, escape)
  return line.whole ? line.text : `${fitted(text, max - 3, escape).text}...`
}

/** The largest time that a Date can hold, ECMA-262 §21.4.1.1. */
const TIME_MAX = 8.64e15

/** `2026-01-01 00:00:00 UTC`: milliseconds since the epoch, rounded up to a second. */
export function utc(time: number): string {
  const second = new Date(Math.min(Math.ceil(time / 1_000) * 1_000, TIME_MAX))
  return `${second.toISOString().slice(0, -5).replace('T', ' ')} UTC`
}

/** A line of JSON that means the same: JSON itself leaves bidirectional marks and the C1 controls unescaped. */
export function asciiJson(line: string): string {
  return line.replaceAll(/[^\x20-\x7e\n]/gu, escaped)
}

function fitted(
  value: string,
  max: number,
  escape: (character: string) => string,
): { readonly text: string; readonly whole: boolean } {
  let text = ''
  for (const character of value) {
    const next = escape(character)
    if (text.length + next.length > max) return { text, whole: false }
    text += next
  }
  return { text, whole: true }
}

/** One character, a lone surrogate too. */
function escaped(character: string): string {
  if (/^[\x20-\x7e]$/u.test(character)) return character
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
