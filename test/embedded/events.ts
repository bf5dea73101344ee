/** Events of events.k8s.io/v1. Kubernetes: pkg/apis/core/validation/events.go. */
import { textAt } from '../../server/json.ts'
import { type FieldFault, invalid, required } from './refusal.ts'
import type { Strategy } from './strategy.ts'

const NOTE_BYTES = 1_024
const REASON_BYTES = 128

export const eventStrategy: Strategy = {
  validate(event) {
    const missing = ['eventTime', 'reportingController', 'reportingInstance', 'action', 'reason'].filter(
      (field) => textAt(event, field) === '',
    )
    const tooLong = (
      [
        ['reason', REASON_BYTES],
        ['action', REASON_BYTES],
        ['note', NOTE_BYTES],
      ] as const
    ).flatMap(([field, bytes]): FieldFault[] =>
      Buffer.byteLength(textAt(event, field)) <= bytes
        ? []
        : [invalid(field, '', `can have at most ${bytes} characters`)],
    )
    const type = textAt(event, 'type')
    const typed = ['Normal', 'Warning'].includes(type) ? [] : [invalid('type', type, 'has invalid value: ')]
    return [...missing.map((field) => required(field, '')), ...tooLong, ...typed]
  },
}
