import type { Recorder, Log } from '../../server/ports.ts'

/** A log and a recorder that keep what they are given. */
export function listen(): {
  log: Log
  recorder: Recorder
  said: string[]
  counted: Map<string, number>
} {
  const said: string[] = []
  const counted = new Map<string, number>()
  const say = (level: string) => (_fields: object, message: string) => void said.push(`${level}: ${message}`)
  const count = (name: string): void => void counted.set(name, (counted.get(name) ?? 0) + 1)
  return {
    said,
    counted,
    log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    recorder: {
      apiRequest: (verb, code) => count(`${verb} ${code}`),
      watchRestart: (list, reason) => count(`${list} ${reason}`),
      watchSpoke: (list) => count(`${list} spoke`),
      queue: ({ added, retried }) => count(added ? 'added' : retried ? 'retried' : 'depth'),
      underway: () => undefined,
      leader: (holds) => count(holds ? 'leads' : 'follows'),
      eventsDropped: () => count('dropped'),
      mismatched: (field) => count(`mismatched ${field}`),
      ledgerWritten: (result) => count(`ledger ${result}`),
    },
  }
}
