/** CPU time of this thread, in ms: what other processes take meanwhile is not ours to judge. */
export function cpuTimeMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
