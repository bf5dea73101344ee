import { TURN_MS } from '../in-turns.ts'

/**
 * Judgements wait for no I/O: thousands in a row would let nothing else run, were there no pause. Returns whether to pause now.
 * @param resume called when other work has had its turn
 */
export function yieldToEventLoop(resume: () => void): () => boolean {
  let began = -Infinity
  let pausing = false
  return () => {
    if (pausing) return true
    if (performance.now() - began < TURN_MS) return false
    pausing = true
    setImmediate(() => {
      pausing = false
      began = performance.now()
      resume()
    })
    return true
  }
}
