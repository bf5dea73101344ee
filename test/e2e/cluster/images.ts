/** The images a cluster needs before there is a registry, made of the programs at hand. */
import { join } from 'node:path'

import { run } from '../hosts/process.ts'
import type { Binaries } from './binaries.ts'
import { writeImage } from './image.ts'

/** Named for where it never was: no registry is asked. */
export const STILL_IMAGE = 'kubelet-csr-gate.test/still:1'

export interface Images {
  readonly version: string
  readonly pauseName: string
  /** Archives for every host: pause, and the workload of this test. */
  readonly everywhere: readonly string[]
  /** Archives for the control plane's static pods. */
  readonly controlPlane: readonly string[]
}

/** Writes the archives into `directory`. `still` is this test's own program that waits. */
export async function writeImages(binaries: Binaries, still: string, directory: string): Promise<Images> {
  const version = (await run([binaries.kubeadm, 'version', '--output=short'])).trim()
  const listed = await run([binaries.kubeadm, 'config', 'images', 'list', `--kubernetes-version=${version}`])
  const named = (image: string): string => {
    const name = listed.split('\n').find((line) => line.includes(`/${image}:`))
    if (name === undefined) throw new Error(`kubeadm ${version} names no image ${image}`)
    return name
  }
  const pauseName = named('pause')
  const everywhere = [
    await archive('pause', [pauseName], { pause: still }, ['/pause']),
    await archive('still', [STILL_IMAGE], { still }, ['/still']),
  ]
  const controlPlane = await Promise.all([
    program('etcd', binaries.etcd),
    program('kube-apiserver', binaries.kubeApiserver),
    program('kube-controller-manager', binaries.kubeControllerManager),
    program('kube-scheduler', binaries.kubeScheduler),
  ])
  return { version, pauseName, everywhere, controlPlane }

  function program(image: string, path: string): Promise<string> {
    return archive(image, [named(image)], { [`usr/local/bin/${image}`]: path }, [])
  }
  async function archive(
    title: string,
    names: readonly string[],
    files: Readonly<Record<string, string>>,
    entrypoint: readonly string[],
  ): Promise<string> {
    const path = join(directory, `${title}.tar`)
    await writeImage({ names, files, entrypoint }, path)
    return path
  }
}
