import { defaultLimits } from '../../policies/limits.ts'
import type { Address, ProbeResult, Sight } from '../../policies/types.ts'
import { listen } from '../../test/kit/quiet.ts'
import { KubeletProber } from './prober.ts'

export const SILENT: Sight = { kind: 'nothing' }
export const WAITING: Sight = { kind: 'noCertificate' }

/** 10.0.0.0 and the addresses after it. */
export function addressOf(index: number): Address {
  return (0x0a_00_00_00 + index).toString(16).padStart(8, '0')
}

/** A prober whose dials are `see`, and whose clock a test moves. */
export function proberOf(
  see: (address: Address) => Promise<Sight>,
  mayDial = (_address: Address) => true,
  limits = defaultLimits.probe,
) {
  const { log, said } = listen()
  const clock = { now: 0 }
  const dialled: Address[] = []
  const counted: string[] = []
  let state = { inProgress: () => 0, blind: () => false }
  const prober = new KubeletProber({
    port: 10_250,
    limits,
    mayDial,
    log,
    now: () => clock.now,
    recorder: {
      probed: (saw: ProbeResult['kind']) => void counted.push(saw),
      probesFrom: (asked) => (state = asked),
    },
    async dial(address) {
      dialled.push(address)
      return await see(address)
    },
  })
  return { prober, clock, dialled, counted, said, state: () => state }
}
