/** An output of the process. */
export interface Output {
  /** Resolves when the text was taken. */
  readonly write: (text: string) => Promise<void>
  /** Width in characters, or null if it is no terminal. */
  readonly columns: number | null
  readonly colour: boolean
}

/** The process, as commands see it. Only main.ts reads the real one; tests pass their own. */
export interface Context {
  /** As the program was called: `kubelet-csr-gate`, or `kubectl csr-gate` for the plugin. */
  readonly program: string
  readonly version: string
  /** The name of this machine. */
  readonly hostname: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: AsyncIterable<Uint8Array>
  readonly stdout: Output
  readonly stderr: Output
  /** Resolves with the name of the next signal that asks to stop. */
  readonly nextStop: () => Promise<string>
  /** Called once with the exit code. */
  readonly finish: (exitCode: number) => void
}
