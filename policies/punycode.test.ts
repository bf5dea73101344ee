import assert from 'node:assert/strict'
import { test } from 'node:test'
import { domainToASCII } from 'node:url'
import fc from 'fast-check'
import { isPunycode } from './punycode.ts'

test('what an encoder made is punycode', () => {
  const letters = 'äöüßéñçøåžžšđ中国東京россияελλάδα한국'
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...letters.split(''), ...'abc123'.split('')), { minLength: 1, maxLength: 12 }),
      (made) => {
        const ascii = domainToASCII(made.join(''))
        fc.pre(ascii.startsWith('xn--'))
        assert.equal(isPunycode(ascii.slice(4)), true, ascii)
      },
    ),
  )
})

test('examples of RFC 3492 §7.1 are punycode', () => {
  for (const text of [
    'egbpdaj6bu4bxfgehfvwxn',
    'ihqwcrb4cv8a8dqg056pqjye',
    'proprostnemluvesky-uyb24dma41a',
    '3b-ww4c5e180e575a65lsy2b',
    '-with-super-monkeys-pc58ag80a8qai00g7n9n',
  ])
    assert.equal(isPunycode(text), true, text)
})

test('where a character is put, and how the next is told from it, is read as RFC 3492 writes it', () => {
  for (const text of ['4fbih8t', 'yngw', 'm1d9g', 'ifjy8ayd', 'dea24dl5a', 'bga33drz'])
    assert.equal(isPunycode(text), true, text)
  // With a space, and with unassigned characters.
  for (const text of ['lwgav7fqv', '33fpj', 'f7cpg77f', 'hkg6r4g'])
    assert.equal(isPunycode(text), false, text)
})

test('a number that does not end, no number, or one past the last character is not', () => {
  for (const text of [
    '',
    'abc-',
    'b-z',
    '999999999',
    'bcher-kv',
    'a_',
    'tda_',
    'worker-z9',
    '99999999999999999999',
  ])
    assert.equal(isPunycode(text), false, text)
})

test('a control character, a space, and what is private or unassigned is not, a joiner is', () => {
  // U+0080, U+0081, U+00A0, U+2003, U+E000, U+0378
  for (const text of ['a', 'ba', '6a', 'rug', '0y0c', 'zva', 'a-ba'])
    assert.equal(isPunycode(text), false, text)
  // U+200D after an a
  assert.equal(isPunycode('a-ugn'), true)
})
