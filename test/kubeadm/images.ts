/** The images a cluster needs before there is a registry, made of the programs at hand. */
import { join } from 'node:path'

import { run } from '../kit/child.ts'
import type { Binaries } from './binaries.ts'
import { writeImage } from './image.ts'

/** Named for where it never was: no registry is asked. */
export const STILL_IMAGE = 'kubelet-csr-gate.test/still:1'

export interface Images {
  /** Of Kubernetes, such as `v1.36.3`. */
  readonly version: string
  readonly pauseName: string
  /** Archives for every host: pause, and the workload of this test. */
  readonly everywhere: readonly string[]
  /** Archives for the control plane's static pods. */
  readonly controlPlane: readonly string[]
}

/** Writes the archives into `directory`. `still` is this test's own program that waits. */
export async function writeImages(binaries: Binaries, still: string, directory: string): Promise<Images> {
  const version = (await run([binaries('kubeadm'), 'version', '--output=short'])).trim()
  const listed = await run([
    binaries('kubeadm'),
    'config',
    'images',
    'list',
    `--kubernetes-version=${version}`,
  ])
  const named = (image: string): string => {
    const name = listed.split('\n').find((line) => line.includes(`/${image}:`))
    if (name === undefined) throw new Error(`kubeadm ${version} names no image ${image}`)
    return name
  }
  const archive = async (name: string, program: string, path: string): Promise<string> => {
    const file = join(directory, `${path.replaceAll('/', '-')}.tar`)
    await writeImage({ name, program, path, entrypoint: [`/${path}`] }, file)
    return file
  }
  const pauseName = named('pause')
  return {
    version,
    pauseName,
    everywhere: [await archive(pauseName, still, 'pause'), await archive(STILL_IMAGE, still, 'still')],
    controlPlane: await Promise.all(
      STATIC_PODS.map((program) => archive(named(program), binaries(program), `usr/local/bin/${program}`)),
    ),
  }
}

const STATIC_PODS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const
