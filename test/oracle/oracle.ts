import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { TestContext } from 'node:test'
import type { Identity } from '../../policies/types.ts'
import { buildGoProgram, type GoProgram } from '../kit/go-program.ts'

/** Kubernetes' own code, to ask what it makes of a request. */
export const ORACLE: GoProgram = { name: 'oracle', folder: import.meta.dirname }

/** What Go reads in a request or a certificate. Lists are null where Go has none. */
export interface Contents {
  readonly subject: readonly (readonly [oid: string, value: string | null])[]
  readonly commonName: string
  readonly organizations: readonly string[] | null
  readonly dnsNames: readonly string[] | null
  /** Hex of as many octets as there are. */
  readonly addresses: readonly string[]
  readonly emails: number
  readonly uris: number
  /** SHA-256 of the SubjectPublicKeyInfo, hex. */
  readonly spki: string
  readonly extensions: readonly string[]
  readonly algorithm: string
  readonly isCA: boolean
}

/** What Kubernetes makes of a request; an empty refusal is none. */
export interface Answer {
  readonly apiServer: string
  readonly signer: string
  readonly said?: Contents
  readonly certificate?: Contents
}

export interface AddressAnswer {
  readonly strict: string
  readonly zone: string
  readonly kubelet: string
}

export interface PrefixAnswer {
  readonly valid: boolean
  readonly address: string
  readonly bits: number
  readonly masked: boolean
}

/** An AdmissionReview as the API machinery decodes it. */
export interface ReviewAnswer {
  /** Why it cannot be decoded, else empty. */
  readonly problem: string
  readonly uid: string
  readonly dryRun: boolean
  readonly caller: Identity
  readonly requester: Identity
  readonly name: string
  readonly csrUid: string
  readonly createdAt: number
  readonly deleting: boolean
  readonly finalizers: number
  readonly ownerReferences: number
  readonly signerName: string
  readonly usages: readonly string[]
  readonly expirationSeconds: number | null
  readonly conditions: readonly string[]
  readonly issued: boolean
  readonly request: string
}

type Child = ChildProcessByStdio<Writable, Readable, null>

/** A running oracle. Questions may be asked without waiting for answers; it ends when disposed of or when we end. */
export class Oracle implements AsyncDisposable {
  readonly #child: Child
  readonly #waiting: PromiseWithResolvers<unknown>[] = []

  constructor(path: string) {
    this.#child = spawn(path, { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#waiting.shift()?.resolve(JSON.parse(line))
    })
    this.#child.once('exit', (code) => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`the oracle ended with ${code}`))
    })
    // A question written after its end is refused by the exit above.
    this.#child.stdin.on('error', () => {})
  }

  /** @param request `spec.request` */
  judge(request: string): Promise<Answer> {
    return this.#ask<Answer>({ request })
  }

  address(text: string): Promise<AddressAnswer> {
    return this.#ask<AddressAnswer>({ address: text })
  }

  prefix(text: string): Promise<PrefixAnswer> {
    return this.#ask<PrefixAnswer>({ prefix: text })
  }

  /** @param text the JSON of an AdmissionReview */
  review(text: string): Promise<ReviewAnswer> {
    return this.#ask<ReviewAnswer>({ review: text })
  }

  #ask<T>(question: object): Promise<T> {
    const waiting = Promise.withResolvers<T>()
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the oracle answers each question in kind
    this.#waiting.push(waiting as PromiseWithResolvers<unknown>)
    this.#child.stdin.write(`${JSON.stringify(question)}\n`)
    return waiting.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.stdin.end()
    await exited
  }
}

/** The oracle for a test; without Go the test fails under CI, and elsewhere is skipped with the reason. */
export async function oracleFor(test: TestContext): Promise<Oracle | null> {
  const built = await buildGoProgram(ORACLE, (line) => test.diagnostic(line))
  if (built.ok) return new Oracle(built.path)
  if (process.env['CI'] === 'true') throw new Error(built.because)
  test.skip(built.because)
  return null
}
