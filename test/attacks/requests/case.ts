import type { CheckCode } from '../../../policies/codes.ts'
import type { FaultCode } from '../../../server/der/faults.ts'
import { buildRequest, type RequestShape } from '../../kit/requests/request.ts'

/** A request that must not be approved, and the rule that must say so. */
export interface HostileCase {
  /** What it tries, as the name of a file: lower case, words joined by hyphens. */
  readonly title: string
  /** Where the trick is known from, when it is. */
  readonly source?: string
  readonly expect: FaultCode | CheckCode
  /** A request with one thing changed, or the whole of `spec.request`. */
  readonly shape: () => RequestShape | string
}

/** `spec.request` of a case. */
export function requestOf({ shape }: HostileCase): string {
  const made = shape()
  return typeof made === 'string' ? made : buildRequest(made).request
}
