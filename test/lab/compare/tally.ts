import type { Standing } from '../../kit/kubelet/csr.ts'
import { foreignIn } from './foreign.ts'

/** What came of everything that one approver was asked. */
export interface Outcomes {
  readonly honest: readonly {
    readonly title: string
    /** It has a certificate for all that its Node reports. */
    readonly obtained: boolean
    /** Of all its CSRs: a kubelet asks again after a denial. */
    readonly standings: readonly Standing[]
  }[]
  readonly hostile: readonly {
    readonly title: string
    readonly by: string
    readonly standing: Standing | undefined
  }[]
  readonly megabytes: number
}

/** A hostile request that got a certificate, and what that says that is not its holder's. */
export interface Signed {
  readonly title: string
  readonly by: string
  readonly foreign: readonly string[]
}

export interface Figures {
  readonly honest: {
    readonly issued: number
    readonly denied: readonly string[]
    readonly pending: readonly string[]
  }
  readonly hostile: {
    readonly asked: number
    /** With a name, address or identity of another's. */
    readonly signedForeign: readonly Signed[]
    /** Hostile by a rule, but the certificate says only what its holder is. */
    readonly signedOwn: readonly Signed[]
    /** Approved, and refused by Kubernetes' signer. */
    readonly approvedOnly: readonly string[]
    readonly denied: number
    readonly pending: number
  }
  /** The most memory it had. */
  readonly megabytes: number
}

export function tally({ honest, hostile, megabytes }: Outcomes): Figures {
  const without = honest.filter(({ obtained }) => !obtained)
  const wasDenied = ({ standings }: Outcomes['honest'][number]) => standings.some(({ denied }) => denied)
  const signed = hostile.flatMap(({ title, by, standing }) => {
    const pem = standing?.certificate ?? null
    return pem === null ? [] : [{ title, by, foreign: foreignIn(pem, by) }]
  })
  const unsigned = hostile.filter(({ standing }) => (standing?.certificate ?? null) === null)
  const approved = unsigned.filter(({ standing }) => standing?.approved === true)
  const denied = unsigned.filter(({ standing }) => standing?.denied === true)
  return {
    honest: {
      issued: honest.length - without.length,
      denied: without.filter(wasDenied).map(({ title }) => title),
      pending: without.filter((each) => !wasDenied(each)).map(({ title }) => title),
    },
    hostile: {
      asked: hostile.length,
      signedForeign: signed.filter(({ foreign }) => foreign.length > 0),
      signedOwn: signed.filter(({ foreign }) => foreign.length === 0),
      approvedOnly: approved.map(({ title }) => title),
      denied: denied.length,
      pending: unsigned.length - approved.length - denied.length,
    },
    megabytes: Math.round(megabytes),
  }
}

/** Every honest node has its certificate, and no hostile request was as much as approved. */
export function isAsItMustBe({ honest, hostile }: Figures): boolean {
  const { signedForeign, signedOwn, approvedOnly, asked } = hostile
  const wrong = signedForeign.length + signedOwn.length + approvedOnly.length
  return honest.issued > 0 && honest.denied.length + honest.pending.length === 0 && asked > 0 && wrong === 0
}
