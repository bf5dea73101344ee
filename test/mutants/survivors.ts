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
}
