import { defineCheck, fail, pass } from '../check.ts'

/** A kubelet names itself by at most a few names and addresses; Go and the signer know no limit. */
const SANS_MAX = 100

export const sansAreNamesAndAddresses = defineCheck({
  code: 'SanKindForbidden',
  stage: 'request',
  failure: 'violation',
  requires: `The subject alternative names are DNS names and IP addresses only, at most ${SANS_MAX}.`,
  because:
    'The signer drops kinds it does not know and fails on others, so it would not sign what was checked.',
  source: 'RFC 5280 §4.2.1.6; kubernetes pkg/apis/certificates/helpers.go, ValidateKubeletServingCSR',
  run: ({ request: { sans } }) => {
    const other = sans.find(({ kind }) => kind !== 'dNSName' && kind !== 'iPAddress')
    if (other !== undefined) return fail(`asks for a name of the kind ${other.kind}`, { at: other.at })
    if (sans.length === 0) return fail('asks for neither a DNS name nor an address')
    return sans.length > SANS_MAX ? fail(`asks for ${sans.length} names and addresses`) : pass
  },
})
