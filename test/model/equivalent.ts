/** Changes of the source that change nothing that anybody could see. */
interface Equivalent {
  readonly file: string
  /** The line as changed. */
  readonly change: string
  readonly because: string
}

export const equivalent: readonly Equivalent[] = []
