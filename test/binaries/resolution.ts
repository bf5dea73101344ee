import { type Platform, thisPlatform } from './programs.ts'
import { SUMS } from './sums.ts'
import type { Environment } from './versions.ts'

/** What finding a program depends on; tests replace it. */
export interface Resolution {
  readonly environment: Environment
  readonly platform: Platform
  /** One line of progress, without a newline. */
  readonly print: (line: string) => void
  /** SHA-256 by official address. */
  readonly sums: Readonly<Record<string, string>>
  /** How soon a download must begin. */
  readonly beginMs: number
}

export const resolutionHere: Resolution = {
  environment: process.env,
  platform: thisPlatform,
  print: (line) => process.stderr.write(`binaries: ${line}\n`),
  sums: SUMS,
  beginMs: 4_000,
}
