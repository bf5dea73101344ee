const NO_KEY = 'readKey refuses what OpenSSL does not load; the step is there for what nobody thought of'
const LONE_SLASH = 'what begins with a slash is no address, whole or cut'

/** Changes that no test tells, and why none can: by the line as it is changed. */
export const survivors: Readonly<Record<string, string>> = {
  'if (before !== undefined || after === undefined) this.#leave(before.name, now)':
    'since when a Node is gone is asked of Nodes that are gone only, whose last change is that they went',
  'if (text.length <= (goneMaxBytes - 1) || gone.length === 0) return { content, text }':
    'a text of just this size is none too long: nothing is taken from it',
  'return x < p && y <= p && (y * y - x * x * x + 3n * x - b) % p === 0n':
    'no point of these curves has y = 0: their orders are odd',
  'for (let number = 2; number <= limit; number += 1)': '752 is no prime',
  'if (isFault(verifier)) return verifier': NO_KEY,
  'if (isFault(verifier)) return undefined': NO_KEY,
  'const address = parseAddress(slash <= 0 ? text : text.slice(0, slash))': LONE_SLASH,
  'const bits = slash <= 0 ? width : parseBits(text.slice(slash + 1), width)': LONE_SLASH,
  'if (rest === 0) return true': 'of four bits that count for nothing, none is left to compare',
  "const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })":
    'nobody reads what it returns, only whether it throws',
  "return content.length >= 1 && (last & ((1 << unused) - 1)) !== 0 ? 'has unused bits that are set' : undefined":
    'a single octet has no unused bits here: the line before refuses them',
  'if (oid === null) throw new Error(`the element at ${at} is not an OBJECT IDENTIFIER`)':
    'content that is no OBJECT IDENTIFIER was refused before',
  'if (prefix === undefined) throw new Error(`a built-in range is wrong: ${text}`)':
    'no built-in range is wrong; the step is there for who adds one',
  'if (digit < 0 || value >= Number.MAX_SAFE_INTEGER) return undefined':
    'a number of that size leads past the last character all the same',
  'if (codePoint >= LARGEST_CODE_POINT || NEVER_IN_A_NAME.test(String.fromCodePoint(codePoint))) return false':
    'the largest code point is a noncharacter, which no name has',
}
