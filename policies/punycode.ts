/** RFC 3492 §5: the parameters of punycode. */
const BASE = 36
const T_MIN = 1
const T_MAX = 26
const SKEW = 38
const DAMP = 700
const INITIAL_BIAS = 72
const INITIAL_CODE_POINT = 128
const LARGEST_CODE_POINT = 0x10ffff

/** RFC 5892 §2: controls, spaces, surrogates, private and unassigned code points. The joiners of its appendix A may be in a name. */
const NEVER_IN_A_NAME = /(?![\u200C\u200D])[\p{C}\p{Z}]/u

const DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/**
 * Whether `text`, what follows `xn--` in a label, in lower case, encodes characters outside ASCII, at least one
 * (RFC 3492 §6.2), that a name may have.
 */
export function isPunycode(text: string): boolean {
  const encoded = text.slice(text.lastIndexOf('-') + 1)
  if (encoded === '') return false
  let length = Math.max(0, text.length - encoded.length - 1)
  let [bias, codePoint, position] = [INITIAL_BIAS, INITIAL_CODE_POINT, 0]
  for (let rest = encoded; rest !== ''; length += 1) {
    const number = readNumber(rest, bias)
    if (number === undefined) return false
    const whole = position + number.value
    codePoint += Math.floor(whole / (length + 1))
    if (codePoint > LARGEST_CODE_POINT || NEVER_IN_A_NAME.test(String.fromCodePoint(codePoint))) return false
    bias = adapt(number.value, length + 1, rest === encoded)
    position = (whole % (length + 1)) + 1
    rest = rest.slice(number.digits)
  }
  return true
}

/** A variable-length integer, RFC 3492 §3.3; undefined if it does not end. */
function readNumber(
  text: string,
  bias: number,
): { readonly value: number; readonly digits: number } | undefined {
  let [value, weight] = [0, 1]
  for (let index = 0; index < text.length; index += 1) {
    const digit = DIGITS.indexOf(text.charAt(index))
    const threshold = Math.min(Math.max((index + 1) * BASE - bias, T_MIN), T_MAX)
    value += digit * weight
    if (digit < 0 || value > Number.MAX_SAFE_INTEGER) return undefined
    if (digit < threshold) return { value, digits: index + 1 }
    weight *= BASE - threshold
  }
  return undefined
}

/** RFC 3492 §6.1. */
function adapt(delta: number, points: number, first: boolean): number {
  let rest = Math.floor(delta / (first ? DAMP : 2))
  rest += Math.floor(rest / points)
  let bias = 0
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; bias += BASE) rest = Math.floor(rest / (BASE - T_MIN))
  return bias + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW))
}
