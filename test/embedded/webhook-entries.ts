/** ValidatingWebhookConfigurations: their defaults, and what of them this API server cannot do. */
import { isObject, objectAt, textAt } from '../../server/json.ts'
import type { Json, JsonObject } from '../../server/ports.ts'
import { conditionFor } from './match-conditions.ts'
import { type FieldFault, invalid, required } from './refusal.ts'
import type { Strategy } from './strategy.ts'

const DEFAULTS = {
  failurePolicy: 'Fail',
  matchPolicy: 'Equivalent',
  namespaceSelector: {},
  objectSelector: {},
  timeoutSeconds: 10,
} as const
const SECONDS = { least: 1, most: 30 }

export function entriesOf(configuration: JsonObject): readonly JsonObject[] {
  const { webhooks } = configuration
  return Array.isArray(webhooks) ? webhooks.filter(isObject) : []
}

const withDefaults = (configuration: JsonObject): JsonObject => ({
  ...configuration,
  webhooks: entriesOf(configuration).map((entry) => ({ ...DEFAULTS, ...entry })),
})

const faults = (configuration: JsonObject): readonly FieldFault[] =>
  entriesOf(configuration).flatMap((entry, index) => entryFaults(entry, `webhooks[${index}]`))

export const webhookStrategy: Strategy = {
  prepareForCreate: withDefaults,
  validate: faults,
  prepareForUpdate: withDefaults,
  validateUpdate: faults,
}

function entryFaults(entry: JsonObject, at: string): readonly FieldFault[] {
  const { timeoutSeconds: seconds } = entry
  const { url, service } = objectAt(entry, 'clientConfig')
  return [
    ...(entry['sideEffects'] === undefined ? [required(`${at}.sideEffects`, '')] : []),
    ...(typeof seconds === 'number' && (seconds < SECONDS.least || seconds > SECONDS.most)
      ? [invalid(`${at}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds')]
      : []),
    ...(service !== undefined ? [invalid(`${at}.clientConfig.service`, '', NO_SERVICES)] : []),
    ...(service === undefined && url === undefined ? [required(`${at}.clientConfig`, '')] : []),
    ...['namespaceSelector', 'objectSelector']
      .filter((name) => Object.keys(objectAt(entry, name)).length > 0)
      .map((name) => invalid(`${at}.${name}`, '', NO_SELECTORS)),
    ...conditionFaults(entry['matchConditions'], at),
  ]
}

const NO_SERVICES = 'the embedded API server reaches webhooks by their URL only'
const NO_SELECTORS = 'the embedded API server has no selectors of webhooks'

function conditionFaults(conditions: Json | undefined, at: string): readonly FieldFault[] {
  const all = Array.isArray(conditions) ? conditions.filter(isObject) : []
  return all.flatMap((condition, index) => {
    const expression = textAt(condition, 'expression')
    if (conditionFor(expression) !== undefined) return []
    const field = `${at}.matchConditions[${index}].expression`
    return [invalid(field, expression, "the embedded API server knows the chart's own expressions only")]
  })
}
