/** Prints each step as it runs, and at the end each promise and whether it was kept. */

interface Promised {
  readonly part: string
  readonly claim: string
  readonly found: string
  readonly limit: string
  readonly holds: boolean
}

export class Proof {
  readonly #started = performance.now()
  readonly #promised: Promised[] = []
  readonly #write: (text: string) => void
  #failed = false
  #part = ''

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  /** Groups the promises that follow. */
  part(title: string): void {
    this.#part = title
  }

  /** One step, with its time. Errors pass through. */
  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.#write(`\n[${this.#clock()}] ${title}\n`)
    const began = performance.now()
    try {
      const result = await work()
      this.#write(`         done in ${seconds(performance.now() - began)}\n`)
      return result
    } catch (error) {
      this.print(`ended by an error after ${seconds(performance.now() - began)}`)
      throw error
    }
  }

  /** The run cannot go on. */
  fail(error: unknown): void {
    this.#failed = true
    this.print(`FAILED: ${error instanceof Error ? error.message : String(error)}`)
  }

  /** A detail of the present step. */
  print(text: string): void {
    for (const line of text.trim().split('\n')) this.#write(`         ${line}\n`)
  }

  /** A promise about time. */
  within(claim: string, milliseconds: number, limitSeconds: number): void {
    this.#promise({
      part: this.#part,
      claim,
      found: seconds(milliseconds),
      limit: `≤ ${limitSeconds} s`,
      holds: milliseconds <= limitSeconds * 1000,
    })
  }

  /** Any other promise. */
  holds(claim: string, found: string, holds: boolean): void {
    this.#promise({ part: this.#part, claim, found, limit: '', holds })
  }

  /** The table of promises; true only if all were kept and no step failed. */
  conclude(): boolean {
    const width = Math.max(...this.#promised.map(({ claim }) => claim.length), 0)
    this.#write(`\n[${this.#clock()}] What was promised\n\n`)
    let heading = ''
    for (const { part, claim, found, limit, holds } of this.#promised) {
      if (part !== heading) this.#write(`${part}\n`)
      heading = part
      this.#write(`  ${holds ? 'kept  ' : 'BROKEN'}  ${claim.padEnd(width)}  ${found} ${limit}\n`)
    }
    const kept = !this.#failed && this.#promised.length > 0 && this.#promised.every(({ holds }) => holds)
    this.#write(
      `\n${kept ? 'All promises kept' : 'NOT all promises kept'} in ${seconds(performance.now() - this.#started)}\n`,
    )
    return kept
  }

  #promise(promised: Promised): void {
    this.#promised.push(promised)
    this.print(
      `${promised.holds ? 'kept' : 'BROKEN'}: ${promised.claim}: ${promised.found} ${promised.limit}`,
    )
  }

  #clock(): string {
    return `${((performance.now() - this.#started) / 1000).toFixed(1).padStart(6)} s`
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
