import { formatAddress } from '../address.ts'
import { defineCheck, fail, pass, unknown } from '../check.ts'
import { addresses } from '../request.ts'
import { listed } from '../text.ts'
import type { Claim, OwnGrants } from '../types.ts'
import { areVouchedFor, namesToVouchFor } from '../vouched.ts'

export const additionsAreVouched = defineCheck({
  code: 'AdditionNotVouched',
  stage: 'truth',
  failure: 'notYet',
  requires:
    'With `onAddition: requireSource`, a source vouches for each name and address that the Node was not granted before, except for the Node’s own name.',
  because: 'A node writes its own status, so it can report anything.',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/',
  run: (facts, { settings: { onAddition, sources } }) => {
    if (onAddition === 'allow') return pass
    const { own } = facts.cluster
    if (!own.known) return unknown(own.because)
    const names = additions(own.value, 'dNSName', namesToVouchFor(facts))
    const numbers = additions(own.value, 'iPAddress', addresses(facts.request))
    if (names.length + numbers.length === 0) return pass
    if (sources.length === 0) return noSource([...names, ...numbers.map(formatAddress)])
    const outcomes = [
      areVouchedFor(facts, sources, { kind: 'names', values: names }),
      areVouchedFor(facts, sources, { kind: 'addresses', values: numbers, show: formatAddress }),
    ]
    const first = (wanted: 'fail' | 'unknown') => outcomes.find(({ outcome }) => outcome === wanted)
    return first('fail') ?? first('unknown') ?? pass
  },
})

/** What the Node was not granted before. */
function additions({ held }: OwnGrants, kind: Claim['kind'], asked: readonly string[]): string[] {
  return asked.filter((value) => !held.some((one) => one.kind === kind && one.value === value))
}

function noSource(values: readonly string[]): ReturnType<typeof fail> {
  const said = `no source vouches for ${listed(values)}`
  return fail(`${said}, which the Node was not granted before: the policy has no \`sources\``, {
    publicDetail: said,
  })
}
