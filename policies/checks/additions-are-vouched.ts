import { formatAddress } from '../address.ts'
import { defineCheck, fail, pass, unknown } from '../check.ts'
import { nodeName } from '../node-name.ts'
import { addresses, dnsNames, foldCase } from '../request.ts'
import { listed } from '../text.ts'
import type { ClusterStage, Vouching } from '../types.ts'

export const additionsAreVouched = defineCheck({
  code: 'AdditionNotVouched',
  stage: 'cluster',
  failure: 'notYet',
  components: ['controller'],
  requires:
    'With `onAddition: requireSource`, a source vouches for each name and address that the Node was not granted before, except for the Node’s own name.',
  because: 'What a node reports of itself is its own word.',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/',
  run: (facts, { settings }) => {
    if (settings.onAddition === 'allow') return pass
    const { own, vouched } = facts.cluster
    if (!own.known) return unknown(own.because)
    const known = new Set(own.value.held.map(keyOf))
    const additions = askedFor(facts).filter((asked) => !known.has(keyOf(asked)))
    if (additions.length === 0) return pass
    if (!vouched.known) return unknown(vouched.because)
    const sourced = new Set(vouched.value.map(keyOf))
    const missing = additions.filter((asked) => !sourced.has(keyOf(asked)))
    if (missing.length === 0) return pass
    const said = `no source vouches for ${listed(missing.map(({ kind, value }) => (kind === 'iPAddress' ? formatAddress(value) : value)))}`
    return fail(`${said}, which the Node was not granted before. Add it to a source of the policy`, {
      publicDetail: said,
    })
  },
})

type Value = Pick<Vouching, 'kind' | 'value'>

function keyOf({ kind, value }: Value): string {
  return `${kind}:${value}`
}

function askedFor({ csr, request }: ClusterStage): Value[] {
  const own = nodeName(csr.requester.username)
  const names = dnsNames(request).map(foldCase)
  return [
    ...names.filter((name) => name !== own).map((value) => ({ kind: 'dNSName', value }) as const),
    ...addresses(request).map((value) => ({ kind: 'iPAddress', value }) as const),
  ]
}
