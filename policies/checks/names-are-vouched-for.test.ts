import { test } from 'node:test'
import { pass } from '../check.ts'
import { expectOutcome, rulesWith, withCluster, withNames, withRequester } from '../good-request.fixture.ts'
import type { ClusterStage, Vouched } from '../types.ts'
import { namesAreVouchedFor } from './names-are-vouched-for.ts'

const fqdn = 'worker-1.example.com'
const inventory = (names: readonly string[]): Vouched => ({
  source: 'inventory',
  vouches: { known: true, value: { names, addresses: [], says: 'no line is for worker-1' } },
})
const asking = (vouched: readonly Vouched[], names: readonly string[] = ['worker-1', fqdn]): ClusterStage =>
  withCluster({ vouched }, withNames(names))

test('a policy without sources asks nobody', () => {
  expectOutcome(namesAreVouchedFor, asking([]), pass)
})

test('a name that a source vouches for passes, without regard to case', async () => {
  const rules = await rulesWith({ sources: ['inventory'] })
  expectOutcome(namesAreVouchedFor, asking([inventory([fqdn])], ['Worker-1.Example.COM']), pass, rules)
})

test('the own name of a Node needs no source, unless it has a dot', async () => {
  const rules = await rulesWith({ sources: ['inventory'] })
  expectOutcome(namesAreVouchedFor, asking([inventory([])], ['worker-1']), pass, rules)
  const dotted = withRequester({ username: `system:node:${fqdn}` }, asking([inventory([])], [fqdn]))
  const detail =
    'no source of the policy vouches that worker-1.example.com belongs to Node worker-1.example.com. ' +
    'inventory: no line is for worker-1'
  expectOutcome(namesAreVouchedFor, dotted, { outcome: 'fail', detail }, rules)
})

test('names that no source vouches for are refused, with what each source says', async () => {
  const rules = await rulesWith({ sources: ['inventory', 'dns'] })
  const dns: Vouched = {
    source: 'dns',
    vouches: {
      known: true,
      value: { names: [], addresses: [], says: 'worker-1.example.com does not exist' },
    },
  }
  const detail =
    'no source of the policy vouches that worker-1.example.com, a.b belong to Node worker-1. ' +
    'inventory: no line is for worker-1; dns: worker-1.example.com does not exist'
  expectOutcome(
    namesAreVouchedFor,
    asking([dns, inventory([])], [fqdn, 'a.b']),
    { outcome: 'fail', detail },
    rules,
  )
})

test('what a source that cannot be asked might vouch for is unknown', async () => {
  const rules = await rulesWith({ sources: ['inventory', 'dns'] })
  const dns: Vouched = { source: 'dns', vouches: { known: false, because: 'no answer within 2 s' } }
  const detail = 'no source could vouch for worker-1.example.com: dns: no answer within 2 s'
  expectOutcome(namesAreVouchedFor, asking([dns, inventory([])]), { outcome: 'unknown', detail }, rules)
  expectOutcome(namesAreVouchedFor, asking([dns, inventory([fqdn])]), pass, rules)
})

test('a source that the policy asks and the process does not have is unknown', async () => {
  const rules = await rulesWith({ sources: ['dns'] })
  const detail =
    'no source could vouch for worker-1.example.com: dns: is not configured, set sources.dns.domains'
  expectOutcome(namesAreVouchedFor, asking([inventory([fqdn])]), { outcome: 'unknown', detail }, rules)
})
