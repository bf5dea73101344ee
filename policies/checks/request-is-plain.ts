import { defineCheck, fail, pass } from '../check.ts'
import { OID } from '../request.ts'
import type { Outcome, RequestAttribute, RequestExtension } from '../types.ts'

export const requestIsPlain = defineCheck({
  code: 'RequestHasExtras',
  stage: 'request',
  failure: 'violation',
  requires:
    'The request has one attribute, an extensionRequest with one value, which holds one extension, subjectAltName, not marked critical.',
  because:
    'Go reads the first value of every extensionRequest, other parsers only the first attribute, so names could hide in a second one.',
  source: 'RFC 2985 §5.4.2; Go crypto/x509 parseCSRExtensions',
  run: ({ request }) => {
    const attributes = judgeAttributes(request.attributes)
    return attributes.outcome === 'pass' ? judgeExtensions(request.extensions) : attributes
  },
})

function judgeAttributes(attributes: readonly RequestAttribute[]): Outcome {
  const other = attributes.find(({ oid }) => oid !== OID.extensionRequest)
  if (other !== undefined) return fail(`the request has the attribute ${other.oid}`, { at: other.at })
  const [first, second] = attributes
  if (first === undefined) return fail('the request asks for no subjectAltName')
  if (second !== undefined)
    return fail(`the request has ${attributes.length} extensionRequest attributes`, { at: second.at })
  return first.values === 1 ? pass : fail(`the extensionRequest has ${first.values} values`, { at: first.at })
}

function judgeExtensions(extensions: readonly RequestExtension[]): Outcome {
  const other = extensions.find(({ oid }) => oid !== OID.subjectAltName)
  if (other !== undefined) return fail(`the request asks for the extension ${other.oid}`, { at: other.at })
  const [first, second] = extensions
  if (first === undefined) return fail('the request asks for no subjectAltName')
  if (second !== undefined)
    return fail(`the request has ${extensions.length} subjectAltName extensions`, { at: second.at })
  // RFC 5280 §4.2.1.6 wants it where the subject is empty; the signer drops it, and no kubelet sends it.
  return first.critical ? fail('the subjectAltName is marked critical', { at: first.at }) : pass
}
