/**
 * Every reason code there is: in decisions, conditions, Events, log lines, metrics and answers. A contract with those who
 * search for them. A code that is not here does not compile, and each has a row in README.md.
 */

/** Codes of checks, in the order of the list in index.ts; each has one check. */
export const checkCodes = [
  'CsrUnreadable',
  'RequesterNotNode',
  'CredentialRefused',
  'CommonNameNotRequester',
  'OrganizationNotSystemNodes',
  'MetadataHasExtras',
  'SubjectHasExtras',
  'RequestHasExtras',
  'SanKindForbidden',
  'NameMalformed',
  'AddressMalformed',
  'UsagesNotServing',
  'KeyTooWeak',
  'KeyOutsidePolicy',
  'KeyAlreadyUsed',
  'LifetimeNotAllowed',
  'NodeUnknown',
  'AddressMissing',
  'NameReserved',
  'AddressReserved',
  'NameNotOfNode',
  'AddressNotOfNode',
  'NameContested',
  'AddressContested',
  'NameUnproven',
  'AddressUnproven',
  'AdditionNotVouched',
  'NameOutsidePolicy',
  'AddressOutsidePolicy',
  'NameNotVouched',
  'AddressNotVouched',
  'Superseded',
  'Expired',
  'TooManyRequests',
] as const

export type CheckCode = (typeof checkCodes)[number]

/** Reasons that no check gives, with the verdict that they stand for; `null`: an answer without a decision. */
export const otherReasons = {
  Conforms: { verdict: 'approve', when: 'every check passes' },
  OtherSigner: { verdict: 'ignore', when: 'the CSR is for another signer' },
  ForeignRequester: {
    verdict: 'ignore',
    when: 'the requester is no node, and `foreignRequesters` of the policy is `ignore`',
  },
  AlreadyDecided: { verdict: 'ignore', when: 'the CSR is approved, denied or failed already' },
  AlreadyIssued: { verdict: 'ignore', when: 'the certificate is issued already' },
  BeingDeleted: { verdict: 'ignore', when: 'the CSR is being deleted' },
  NodeExists: {
    verdict: 'deny',
    when: 'a bootstrap token asks for the client certificate of a Node that exists',
  },
  NodesUnknown: {
    verdict: 'unknown',
    when: 'a bootstrap token asks for a client certificate, and whether that Node exists is not known',
  },
  ClientCsrUnreadable: {
    verdict: 'deny',
    when: 'a bootstrap token asks for a client certificate with a request that cannot be read, or that has several common names',
  },
  TimedOut: {
    verdict: 'unknown',
    when: 'the webhook came to no decision in time; the CSR is allowed, which grants nothing',
  },
  InternalError: { verdict: 'error', when: 'kubelet-csr-gate failed; its log has the cause' },
  ReviewTooLarge: {
    verdict: null,
    when: 'the CSR is too large to be read: its AdmissionReview has more than 256 KiB, 2,048 elements or 32 levels',
  },
  MalformedReview: { verdict: null, when: 'the request to the webhook is not a valid AdmissionReview' },
} as const

type OtherReason = keyof typeof otherReasons
type ReasonsFor<V> = {
  [Reason in OtherReason]: (typeof otherReasons)[Reason]['verdict'] extends V ? Reason : never
}[OtherReason]

/** Why a CSR is not for us. */
export type IgnoreReason = ReasonsFor<'ignore'>
/** What can head a decision, and so stand in a condition, an Event, a metric. */
export type DecisionReason = CheckCode | ReasonsFor<string>
/** What can stand in an answer of the webhook. */
export type ReasonCode = CheckCode | OtherReason
