/**
 * A cgroup of its own for each host, so that one host's kubelet does not take another's pods for orphans.
 * Both cgroup versions: v1 has a tree for each controller, v2 one tree whose controllers are handed down.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

const ROOT = '/sys/fs/cgroup'

/** Makes `path` (such as `run-1/worker`) in every tree, with what its children need filled in. */
export async function makeCgroup(path: string): Promise<void> {
  for (const tree of await trees()) {
    let at = tree
    for (const part of path.split('/')) {
      await mkdir(join(at, part), { recursive: true })
      await handDown(at, join(at, part))
      await weigh(join(at, part))
      at = join(at, part)
    }
    await delegate(at)
  }
}

/** Removes `path` and all below it, in every tree. Its processes must have ended. */
export async function removeCgroup(path: string): Promise<void> {
  for (const tree of await trees()) await removeTree(join(tree, path))
}

/** The topmost cgroups whose name starts so, each once. */
export async function cgroupsStartingWith(prefix: string): Promise<readonly string[]> {
  const names = new Set<string>()
  for (const tree of await trees()) {
    for (const name of await readdir(tree)) if (name.startsWith(prefix)) names.add(name)
  }
  return [...names]
}

async function trees(): Promise<readonly string[]> {
  if (isVersion2()) return [ROOT]
  const found = await readdir(ROOT, { withFileTypes: true })
  return found.filter((entry) => entry.isDirectory()).map((entry) => join(ROOT, entry.name))
}

function isVersion2(): boolean {
  return existsSync(join(ROOT, 'cgroup.controllers'))
}

/** A cpuset of version 1 starts empty, and a process cannot enter an empty one. */
async function handDown(parent: string, child: string): Promise<void> {
  if (isVersion2()) return delegate(parent)
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (existsSync(join(child, file))) await writeFile(join(child, file), await readFile(join(parent, file)))
  }
}

/**
 * A new cgroup weighs as much as one process beside it. All pods of all hosts are in one here, so a busy machine
 * would leave them next to nothing: four hosts' worth of processors instead, as their kubelets would have it.
 */
const WEIGHT = 4 * availableParallelism()

async function weigh(cgroup: string): Promise<void> {
  const shares = join(cgroup, 'cpu.shares') // 1,024 for one processor
  if (existsSync(shares)) await writeFile(shares, `${1_024 * WEIGHT}`)
  const weight = join(cgroup, 'cpu.weight') // 100 for one, 10,000 at most
  if (existsSync(weight)) await writeFile(weight, `${Math.min(100 * WEIGHT, 10_000)}`)
}

async function delegate(cgroup: string): Promise<void> {
  if (!isVersion2()) return
  const controllers = (await readFile(join(cgroup, 'cgroup.controllers'), 'utf8')).trim().split(' ')
  const wanted = controllers.map((controller) => `+${controller}`).join(' ')
  await writeFile(join(cgroup, 'cgroup.subtree_control'), wanted)
}

async function removeTree(directory: string): Promise<void> {
  if (!existsSync(directory)) return
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(join(directory, entry.name))
  }
  await rmdir(directory)
}
