/** Worlds with so few moves that all of their sequences are tried, of any length. */
import type { Spec } from '../spec.ts'

const served = ['holder boots', 'holder asks', 'liar boots']

export const whole: Readonly<Record<string, Spec>> = {
  'all of a holder that is switched off and on': {
    addresses: { a1: 'holder', a2: 'liar' },
    honest: ['holder'],
    begin: served,
    moves: ['holder is switched off', 'holder boots', 'liar reports a1', 'liar asks'],
  },
  'all of a holder that is deleted and registers again': {
    addresses: { a1: 'holder', a2: 'liar' },
    honest: ['holder'],
    begin: served,
    moves: ['holder is deleted', 'holder registers', 'liar reports a1', 'liar asks'],
  },
  'all of a liar while time passes': {
    addresses: { a1: 'holder', a2: 'liar' },
    honest: ['holder'],
    begin: served,
    moves: ['liar reports a1', 'liar asks', 'time passes'],
  },
  'all of a newcomer and a liar': {
    addresses: { a1: 'newcomer', a2: 'liar' },
    honest: ['newcomer'],
    begin: ['liar boots', 'liar asks', 'liar reports a1'],
    moves: ['newcomer boots', 'newcomer asks', 'liar asks'],
  },
}
