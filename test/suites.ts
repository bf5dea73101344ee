import { globSync } from 'node:fs'

export interface Suite {
  readonly patterns: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Files at a time, for each core. */
  readonly perCore: number
}

const FOLDERS = '{charts,cli,packaging,policies,server,test}'

/** Which files each command runs. */
export const suites: Readonly<Record<string, Suite>> = {
  /** `npm test`: needs nothing but Node. */
  test: { patterns: [`${FOLDERS}/**/*.test.ts`], perCore: 2 },
  /** `npm run test:kubernetes`: a real API server, helm, Go, promtool, a browser. */
  kubernetes: {
    patterns: [`${FOLDERS}/**/*.proof.ts`, `${FOLDERS}/**/*.cluster.test.ts`],
    environment: { TEST_CLUSTER: 'kubernetes' },
    // Each has a control plane, and some of its own promises have a limit in seconds.
    perCore: 1.5,
  },
  /** `npm run test:long`: what takes minutes each, or needs the programs of other approvers. */
  long: { patterns: [`${FOLDERS}/**/*.long.ts`], perCore: 0.5 },
  /** In `npm run e2e`: needs root. */
  e2e: { patterns: [`${FOLDERS}/**/*.e2e.ts`], perCore: 0.5 },
}

/** In an order that does not depend on the file system. */
export function testFiles(root: string, patterns: readonly string[]): readonly string[] {
  return globSync([...patterns], { cwd: root }).toSorted()
}
