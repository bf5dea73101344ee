import { readFileSync } from 'node:fs'

/** Linux counts in ticks of 10 ms, whatever the machine (USER_HZ). */
const TICK_MS = 10

/** What a process has spent so far, in its own code and in the kernel. */
export function cpuMilliseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // proc_pid_stat(5): utime and stime are fields 14 and 15, the 12th and 13th after the name in parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}
