import type { CheckCode } from '../../policies/codes.ts'
import { checks } from '../../policies/index.ts'
import type { Rules } from '../../policies/rules.ts'
import { defaultLimits } from '../../policies/limits.ts'
import { defaultSettings } from '../../policies/settings.ts'
import type { CsrObject, ParsedRequest, RequestStage } from '../../policies/types.ts'

/** The checks that depend on the request alone: not on the requester, the policy or the cluster. */
const SHAPE = [
  'SubjectHasExtras',
  'RequestHasExtras',
  'SanKindForbidden',
  'NameMalformed',
  'AddressMalformed',
  'KeyTooWeak',
] as const satisfies readonly CheckCode[]

export interface ShapeProblem {
  readonly code: CheckCode
  readonly detail: string
  /** Byte offset in the DER, or 0 (the whole request) if the check gives no offset. */
  readonly at: number
}

const nobody: CsrObject = {
  name: '',
  uid: '',
  createdAt: 0,
  deleting: false,
  finalizers: 0,
  ownerReferences: 0,
  signerName: 'kubernetes.io/kubelet-serving',
  usages: [],
  expirationSeconds: null,
  requester: { username: '', uid: '', groups: [], extra: {} },
  conditions: [],
  issued: false,
}

const noRules: Rules = {
  settings: defaultSettings,
  hash: '',
  patterns: [],
  prefixes: [],
  reservedAddresses: [],
  limits: defaultLimits,
  unreachable: [],
  pool: null,
  pools: [],
}

const shapeChecks = checks.filter(({ code }) => SHAPE.some((shape) => shape === code))

/** The first failing check, in the order of the policy, that this request fails for every requester, policy and cluster. */
export function judgeShape(request: ParsedRequest): ShapeProblem | undefined {
  const facts: RequestStage = {
    purpose: 'admit',
    now: 0,
    csr: nobody,
    caller: null,
    request,
    cluster: null,
  }
  for (const check of shapeChecks) {
    if (check.stage !== 'request') throw new Error(`the check ${check.code} needs more than the request`)
    const outcome = check.run(facts, noRules)
    if (outcome.outcome === 'pass') continue
    const at = outcome.outcome === 'fail' ? outcome.at : undefined
    return { code: check.code, detail: outcome.detail, at: at ?? 0 }
  }
  return undefined
}
