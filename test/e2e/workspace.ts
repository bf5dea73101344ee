/** Where the clusters of one run live, and what is common to them. Closed, it leaves nothing behind. */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { locateBinaries } from '../kubeadm/binaries.ts'
import { Cluster, type ClusterOptions, type Surroundings } from '../kubeadm/cluster.ts'
import { writeImages } from '../kubeadm/images.ts'
import { cgroupsStartingWith, removeCgroup } from '../kubeadm/hosts/cgroups.ts'
import { run } from '../kit/child.ts'

/** Followed by the process id of the run, so that a later run can tell a dead one's remains. */
const PREFIX = 'kubelet-csr-gate-e2e-'

export class Workspace {
  readonly directory: string
  readonly #around: Surroundings
  readonly #clusters: Cluster[] = []
  #closed: Promise<void> | undefined

  constructor(around: Surroundings) {
    this.#around = around
    this.directory = around.directory
  }

  get clusters(): readonly Cluster[] {
    return this.#clusters
  }

  /** A cluster without hosts yet. Its name appears in no cluster object: any two may be alike inside. */
  cluster(options: ClusterOptions): Cluster {
    const cluster = new Cluster(this.#around, options)
    this.#clusters.push(cluster)
    return cluster
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    for (const cluster of this.#clusters) await cluster.stop()
    await removeCgroup(this.#around.cgroup)
    await rm(this.directory, { recursive: true, force: true })
  }
}

export async function openWorkspace(): Promise<Workspace> {
  await sweep()
  const binaries = await locateBinaries()
  const directory = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`))
  const still = join(directory, 'still')
  await run(
    [
      'go',
      '-C',
      join(import.meta.dirname, '..', 'kubeadm', 'still'),
      'build',
      '-trimpath',
      '-ldflags=-s -w',
      `-o=${still}`,
      '.',
    ],
    {
      env: { CGO_ENABLED: '0' },
    },
  )
  const images = await writeImages(binaries, still, directory)
  return new Workspace({ binaries, images, still, directory, cgroup: `${PREFIX}${process.pid}` })
}

/** A run that was killed lost its processes, mounts and networks to the kernel; directories and cgroups stay. */
async function sweep(): Promise<void> {
  const orphaned = (name: string): boolean =>
    !existsSync(`/proc/${/^\d+/.exec(name.slice(PREFIX.length))?.[0] ?? ''}`)
  for (const name of await readdir(tmpdir())) {
    if (name.startsWith(PREFIX) && orphaned(name))
      await rm(join(tmpdir(), name), { recursive: true, force: true })
  }
  for (const name of await cgroupsStartingWith(PREFIX)) {
    if (orphaned(name)) await removeCgroup(name)
  }
}
