/** Every victim, attacked by every liar, in every world; and what must come of it. */
import type { TestContext } from 'node:test'
import { type Attacked, Play } from './play.ts'
import { damages, type Role } from './schema.ts'
import { matrixFile } from './sequences.ts'
import { type Circumstances, type Probing, World } from './world.ts'

const { victim: VICTIM, attacked, holder, newcomer, holders, newcomers, liars } = matrixFile
/** What is left of what was granted: the CSRs, the ledger without them, or a ledger to which something happened. */
const evidences = ['stored', 'collected', ...damages] as const
const kinds = ['address', 'name'] as const

export interface Attack {
  readonly probing: Probing
  readonly evidence: (typeof evidences)[number]
  readonly victim: Role
  readonly liar: Role
  readonly kind: (typeof kinds)[number]
}

/** The reasons of the decisions. The victim's is null where it cannot ask: it has no Node, or is silent. */
export interface Fate {
  readonly liar: string
  readonly victim: string | null
}

export function attacksWith(probing: Probing): Attack[] {
  return evidences.flatMap((evidence) => {
    // Of a newcomer there is no evidence to lose.
    const victims = evidence === 'stored' ? [...holders, ...newcomers] : holders
    return victims.flatMap((victim) =>
      liars.flatMap((liar) => kinds.map((kind) => ({ probing, evidence, victim, liar, kind }))),
    )
  })
}

export async function run(
  t: TestContext,
  attack: Attack,
  circumstances: Pick<Circumstances, 'knowsCa'> = {},
): Promise<Fate> {
  const { probing, kind, liar, victim, evidence } = attack
  const world = await World.create(t, { probing, ...circumstances })
  const lie: Attacked = kind === 'name' ? { name: attacked.name } : { address: attacked.address }
  const play = new Play(world, lie)
  await play.run(holders.includes(victim) ? holder : newcomer)
  if (evidence === 'collected') await world.collect()
  else if (evidence !== 'stored') await world.damage(evidence)
  await play.run([...victim.steps, ...liar.steps])
  const lied = await play.ask('liar')
  const asked = mayAsk(attack) ? await reasonOf(play) : null
  await world.close()
  return { liar: lied.controller.reason, victim: asked }
}

/** Refused by the webhook or by the controller. */
async function reasonOf(play: Play): Promise<string> {
  const { webhook, controller } = await play.ask(VICTIM)
  return webhook.verdict === 'notYet' ? webhook.reason : controller.reason
}

export function expected(attack: Attack): Fate {
  return {
    liar: isContradicted(attack) ? refusal(attack) : 'Conforms',
    victim: mayAsk(attack) ? reasonForVictim(attack) : null,
  }
}

const isProbed = ({ probing }: Attack): boolean => probing !== 'off' && probing !== 'blind'
const isKept = ({ evidence }: Attack): boolean => evidence === 'stored' || evidence === 'collected'
/** What becomes of victims whose evidence is lost too, the tests of the ledger show. */
const mayAsk = (attack: Attack): boolean => isKept(attack) && !attack.victim.absent && !attack.victim.silent
const contested = ({ kind }: Attack): string => (kind === 'name' ? 'NameContested' : 'AddressContested')

/** Without ledger and Node only a certificate that answers speaks for the victim, and it answers at an address. */
function isContradicted(attack: Attack): boolean {
  const { evidence, kind, probing, victim } = attack
  if (evidence !== 'deleted' || !victim.absent) return true
  return kind === 'address' && isProbed(attack) && (!victim.silent || probing !== 'warn')
}

function refusal(attack: Attack): string {
  const { kind, probing, victim } = attack
  const isUnknown = !isKept(attack) && victim.absent && victim.silent
  const isRefused = probing === 'require' || probing === 'auto'
  return kind === 'address' && isRefused && isUnknown ? 'AddressUnproven' : contested(attack)
}

/** Whoever holds what it asks for is served; others if their machine shows who they are, and the liar's that it is another. */
function reasonForVictim(attack: Attack): string {
  const { victim, liar, kind } = attack
  if (victim.keeps === 'always') return 'Conforms'
  if (!isProbed(attack)) return contested(attack)
  if (victim.keeps === 'whenDialled') return 'Conforms'
  const isShown = victim.shown || (victim.waiting && !liar.new)
  // A name moves with the machine of the Node that was made again.
  const isAgain = victim.waiting && holders.includes(victim)
  return (kind === 'address' ? isShown : isAgain) ? 'Conforms' : contested(attack)
}
