/** The keys of one node in the queue. */
export interface Group {
  readonly name: string
  readonly lane: Lane
  /** All keys of the group, oldest first. */
  readonly members: Set<string>
  readonly ready: string[]
  running: boolean
}

/** Groups that share room. */
interface Lane {
  groups: number
  /** Groups with a ready key and no running key, next first. */
  readonly turn: Set<Group>
}

/** Twice the largest cluster that Kubernetes is tested with. */
const GROUPS_MAX = 10_000

/**
 * The groups of the queue, in two lanes: those of established nodes and those of newcomers. Each lane has its own room, and
 * the lanes take turns, so that identities made by the thousand neither keep an established node out nor hold it up.
 */
export class Groups {
  readonly #isEstablished: (name: string) => boolean
  readonly #byName = new Map<string, Group>()
  readonly #established: Lane = { groups: 0, turn: new Set() }
  readonly #newcomers: Lane = { groups: 0, turn: new Set() }
  #next = this.#established

  constructor(isEstablished: (name: string) => boolean) {
    this.#isEstablished = isEstablished
  }

  get(name: string): Group | undefined {
    return this.#byName.get(name)
  }

  /** The group of that name; undefined when there is no room for another. */
  open(name: string): Group | undefined {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const lane = this.#isEstablished(name) ? this.#established : this.#newcomers
    if (lane.groups >= GROUPS_MAX) return undefined
    lane.groups += 1
    const group = { name, lane, members: new Set<string>(), ready: [], running: false }
    this.#byName.set(name, group)
    return group
  }

  /** Forgets a group that has no keys. */
  close({ name, lane }: Group): void {
    if (this.#byName.delete(name)) lane.groups -= 1
  }

  /** Puts a group in line, unless it is there. */
  line(group: Group): void {
    group.lane.turn.add(group)
  }

  get isReady(): boolean {
    return this.#established.turn.size > 0 || this.#newcomers.turn.size > 0
  }

  /** The group whose turn it is, out of its line. */
  take(): Group | undefined {
    const lane = this.#next.turn.size > 0 ? this.#next : this.#other(this.#next)
    const [group] = lane.turn
    if (group === undefined) return undefined
    lane.turn.delete(group)
    this.#next = this.#other(lane)
    return group
  }

  clear(): void {
    this.#byName.clear()
    for (const lane of [this.#established, this.#newcomers]) {
      lane.groups = 0
      lane.turn.clear()
    }
  }

  #other(lane: Lane): Lane {
    return lane === this.#established ? this.#newcomers : this.#established
  }
}
