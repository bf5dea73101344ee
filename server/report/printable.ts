/**
 * Everything a terminal or a reader could be fooled by: control characters (C0, DEL, C1), line and paragraph
 * separators, zero-width and bidirectional marks, tag characters, lone surrogates, private use.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu

/** `text` on one line that shows what it holds, cut to `max` characters. Text that is safe already comes back as it is. */
export function printable(text: string, max: number): string {
  const cut = text.length > max ? `${text.slice(0, max - 3)}...` : text
  return cut
    .replaceAll(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`)
    .slice(0, max)
}

/** What nearly every line of ours is made of: nothing in it can fool anyone. */
const PLAIN = /^[\x20-\x7e\n]*$/u

/** The same for a line of JSON, which has escaped the C0 controls itself and means the same afterwards. */
export function printableJson(line: string): string {
  if (PLAIN.test(line)) return line
  return line.replaceAll(/[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
}
