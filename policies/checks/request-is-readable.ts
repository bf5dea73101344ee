import type { Check } from '../check.ts'

/**
 * Built in: reading happens before the checks, which may then take a parsed request for granted.
 * `evaluate` leaves its finding; the fault's own code and byte offset stand in the detail.
 */
export const requestIsReadable = {
  code: 'CsrUnreadable',
  stage: 'request',
  failure: 'violation',
  requires:
    'The request is one clean PEM block of canonical DER: a PKCS#10 request of at most 64 KiB, 16 levels and 1,024 elements, whose self-signature the API server has verified.',
  because: 'If two parsers read a request differently, one thing is checked and another is signed.',
  source: 'RFC 2986 §4; ITU-T X.690 §10; kubernetes pkg/apis/certificates/validation/validation.go',
} as const satisfies Omit<Check, 'run'>
