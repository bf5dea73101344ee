import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const ROOT = '/sys/fs/cgroup'
const MIB = 1_048_576
/** The chart's `resources.limits.memory`. */
export const LIMIT_BYTES = 192 * MIB

interface Version {
  readonly parent: string
  readonly limit: string
  readonly usage: string
  readonly inactiveFile: RegExp
}

/** Of cgroups, whose files of the same meaning have other names. */
const V1: Version = {
  parent: join(ROOT, 'memory'),
  limit: 'memory.limit_in_bytes',
  usage: 'memory.usage_in_bytes',
  inactiveFile: /^total_inactive_file (\d+)$/m,
}
const V2: Version = {
  parent: ROOT,
  limit: 'memory.max',
  usage: 'memory.current',
  inactiveFile: /^inactive_file (\d+)$/m,
}

let groups = 0

/** Why none can be made here, or false. With CI=true one must be. */
export async function noMemoryGroup(): Promise<string | false> {
  if (process.env['CI'] === 'true') return false
  try {
    await using _group = new MemoryGroup(LIMIT_BYTES)
    return false
  } catch (error) {
    return `a memory cgroup cannot be made: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** A memory cgroup, as a container has one. Needs root. */
export class MemoryGroup implements AsyncDisposable {
  readonly #version = existsSync(V1.parent) ? V1 : V2
  readonly #folder: string

  /** @param limitBytes as `resources.limits.memory` */
  constructor(limitBytes: number) {
    groups += 1
    this.#folder = join(this.#version.parent, `kubelet-csr-gate-bench-${process.pid}-${groups}`)
    if (this.#version === V2) writeFileSync(join(ROOT, 'cgroup.subtree_control'), '+memory')
    mkdirSync(this.#folder)
    writeFileSync(join(this.#folder, this.#version.limit), String(limitBytes))
  }

  /** A command that becomes the program that it is told, within the group from its first byte on. */
  get launcher(): readonly string[] {
    return ['/bin/sh', '-c', 'echo $$ > "$0"/cgroup.procs; exec "$@"', this.#folder]
  }

  /** What the kubelet reports, and evicts by: the usage without files that were not used lately, in MiB. */
  workingSet(): number {
    const usage = Number(this.#read(this.#version.usage))
    return (usage - Number(this.#version.inactiveFile.exec(this.#read('memory.stat'))?.[1])) / MIB
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A program that has just ended is in its group for some milliseconds more.
    for (let tries = 0; this.#read('cgroup.procs') !== '' && tries < 100; tries += 1) await sleep(20)
    rmdirSync(this.#folder)
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), 'utf8')
  }
}
