import { defineCheck, fail, pass } from '../check.ts'
import type { KeyKind } from '../settings.ts'
import { listed } from '../text.ts'
import type { PublicKey } from '../types.ts'

export const keyIsAllowed = defineCheck({
  code: 'KeyOutsidePolicy',
  stage: 'request',
  failure: 'notYet',
  requires: 'The kind of key is in `keys.allowed`, and an RSA key has at least `keys.rsaMinBits`.',
  because: 'The operator decides how strong keys must be, above the minimum of KeyTooWeak.',
  source: 'the policy',
  run: ({ request: { key } }, { settings: { keys } }) => {
    const kind = kindOf(key)
    if (!keys.allowed.some((allowed) => allowed === kind))
      return fail(`the key is ${kind}. keys.allowed of the policy: ${listed(keys.allowed)}`, {
        publicDetail: `the key is ${kind}, which is not in keys.allowed of the policy`,
        at: key.at,
      })
    if (key.type === 'RSA' && key.bits < keys.rsaMinBits)
      return fail(`the RSA key has ${key.bits} bits. keys.rsaMinBits of the policy: ${keys.rsaMinBits}`, {
        publicDetail: `the RSA key has ${key.bits} bits, fewer than keys.rsaMinBits of the policy`,
        at: key.at,
      })
    return pass
  },
})

function kindOf(key: PublicKey): KeyKind | 'unsupported' {
  if (key.type !== 'ECDSA') return key.type
  return ({ 'P-256': 'ECDSA-P256', 'P-384': 'ECDSA-P384', 'P-521': 'ECDSA-P521' } as const)[key.curve]
}
