/** One named reason for not being ready; null when there is none. */
export interface ReadyCheck {
  readonly name: string
  /** Must be quick and must not throw: it is asked every few seconds, and in an outage most of all. */
  readonly problem: () => string | null
}

export interface Readiness {
  readonly ready: boolean
  /** One line for each check, as kube-apiserver writes them. */
  readonly lines: readonly string[]
}

/** Whether requests should be sent here. Leadership and the API server being up are no part of it. */
export function readiness(checks: readonly ReadyCheck[]): Readiness {
  const problems = checks.map(({ name, problem }) => ({ name, problem: problemOf(problem) }))
  const lines = problems.map(({ name, problem }) =>
    problem === null ? `[+]${name} ok` : `[-]${name} failed: ${problem}`,
  )
  return { ready: problems.every(({ problem }) => problem === null), lines }
}

function problemOf(problem: ReadyCheck['problem']): string | null {
  try {
    return problem()
  } catch (error) {
    return `the check itself failed: ${String(error)}`
  }
}
