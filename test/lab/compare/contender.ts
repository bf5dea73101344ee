import type { ControlPlane } from '../../control-plane/control-plane.ts'

/** An approver as it is measured: a program, told something. */
export interface Contender {
  /** The user that it calls the API as. */
  readonly user: string
  readonly name: string
  /** What it is told, for people. */
  readonly told: string
  /** Null where the program is not to be had. */
  readonly version: string | null
  /** Resolves when it works. */
  start(cluster: ControlPlane, launcher?: readonly string[]): Promise<Running>
}

export interface Running extends AsyncDisposable {
  readonly pid: number
}
