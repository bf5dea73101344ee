import type { Settings } from '../../../policies/settings.ts'
import { Pod, type PodPlan, type Told, type Waiting } from './pod.ts'
import type { Recorder } from './recorder.ts'

export interface Installation {
  readonly topology: 'split' | 'single' | 'webhookOnly' | 'controllerOnly'
  readonly mode: Settings['mode']
}

/** Minutes of a day. */
export const DAY = 1_440
/** A container is started again; nodes join; all pods are replaced; another pod becomes the leader. */
const RESTART = 480
const JOINS = 360
const ROLLOUT = 720
const LEADER_CHANGE = 1_080
/** A kubelet asks for what it may not have, from here on to the end. */
const MALFORMED = 180
const JOINING_A_MINUTE = 20

/** How often a stored CSR that stays pending is replaced: a kubelet gives up after 15 minutes. */
const GIVES_UP = 15
/** A refused kubelet asks twice a minute, for an hour: then somebody corrects it. */
const REFUSED_FOR = 60

const parts: Readonly<Record<Installation['topology'], readonly PodPlan['runs'][]>> = {
  split: [
    { webhook: true, controller: false },
    { webhook: false, controller: true },
  ],
  single: [{ webhook: true, controller: true }],
  webhookOnly: [{ webhook: true, controller: false }],
  controllerOnly: [{ webhook: false, controller: true }],
}

/** Two pods of each part, replaced one by one at noon: the new pod is there before the old one ends. */
function podsOf(topology: Installation['topology']): readonly Pod[] {
  const plans = parts[topology].flatMap((runs, part) =>
    [0, 1].flatMap((index): readonly PodPlan[] => [
      {
        name: `part${part}-a-${index}`,
        runs,
        from: 0,
        until: ROLLOUT + 1 + index,
        ...(index === 0 && { restartsAt: RESTART }),
      },
      { name: `part${part}-b-${index}`, runs, from: ROLLOUT + index, until: DAY + 1 },
    ]),
  )
  return plans.map((plan) => new Pod(plan))
}

/** For a minute of a hand-over nobody leads, at most. */
function leaderAt(minute: number, pods: readonly Pod[]): Pod | undefined {
  if ([RESTART, ROLLOUT + 1, LEADER_CHANGE].includes(minute)) return undefined
  const able = pods.filter(({ plan }) => plan.runs.controller)
  const [first, second] = able.filter((pod) => pod.runsAt(minute))
  const isSecond = (minute > RESTART && minute <= ROLLOUT) || minute > LEADER_CHANGE
  return isSecond ? second : first
}

/** What is decided in a minute, and the CSRs that are pending at its end. */
interface Minute {
  readonly told: readonly Told[]
  readonly waiting: Waiting
}

const CONFORMS = { verdict: 'approve', reason: 'Conforms' } as const
const MISSHAPEN = { verdict: 'deny', reason: 'CsrUnreadable' } as const
const LATE = { verdict: 'notYet', reason: 'AddressNotOfNode' } as const

/** How many honest kubelets ask: those that join, and one that renews from time to time. */
function askingAt(minute: number): number {
  if (minute >= JOINS && minute < JOINS + 3) return JOINING_A_MINUTE
  return minute % 40 === 0 ? 1 : 0
}

function minuteOf(minute: number, { topology, mode }: Installation): Minute {
  const honest = askingAt(minute)
  const approved = mode === 'dryRun' ? 'left' : 'approved'
  const conforming: Told[] = Array.from({ length: honest }, () => [
    { component: 'webhook', action: 'allowed', ...CONFORMS } as const,
    { component: 'controller', action: approved, ...CONFORMS } as const,
  ]).flat()
  // addresses of some that join appear late
  const late: Told[] = honest > 1 ? [{ component: 'controller', action: 'left', ...LATE }] : []
  const isRefused = topology !== 'controllerOnly' && mode === 'enforce'
  const malformed = isRefused ? refusedAt(minute) : leftAt(minute)
  const pending = isRefused || minute < MALFORMED ? [] : created(minute)
  const joining = honest > 1 ? [minute] : []
  return {
    told: [...conforming, ...late, ...malformed],
    waiting: {
      pending: [...pending, ...joining],
      approvable: mode === 'dryRun' ? [] : joining,
      unissued: mode === 'dryRun' ? 0 : Math.floor(honest / 4),
    },
  }
}

function refusedAt(minute: number): readonly Told[] {
  if (minute < MALFORMED || minute >= MALFORMED + REFUSED_FOR) return []
  return [0, 1].map(() => ({ component: 'webhook', action: 'refused', ...MISSHAPEN }))
}

/** The webhook warns and admits, and the controller leaves it. */
function leftAt(minute: number): readonly Told[] {
  if (minute < MALFORMED || (minute - MALFORMED) % GIVES_UP > 0) return []
  return [
    { component: 'webhook', action: 'warned', ...MISSHAPEN },
    { component: 'controller', action: 'left', ...MISSHAPEN },
  ]
}

/** The minutes in which the malformed CSRs were created: the API server keeps a pending one for a day. */
function created(minute: number): readonly number[] {
  const count = Math.floor((minute - MALFORMED) / GIVES_UP) + 1
  return Array.from({ length: count }, (_, index) => MALFORMED + index * GIVES_UP)
}

export interface Faults {
  /** The controller expects to approve what it leaves: what the alerts would see without that distinction. */
  readonly expectsAll?: boolean
  /** Nobody leads from here for ten minutes. */
  readonly leaderlessFrom?: number
}

/** Records a day of it. `setMinute` sets the clock of the process. */
export async function liveADay(
  installation: Installation,
  {
    to,
    setMinute,
    faults = {},
  }: { readonly to: Recorder; readonly setMinute: (minute: number) => void; readonly faults?: Faults },
): Promise<void> {
  const pods = podsOf(installation.topology)
  for (let minute = 0; minute <= DAY; minute += 1) {
    setMinute(minute)
    const { told, waiting } = minuteOf(minute, installation)
    const since = minute - Number(faults.leaderlessFrom)
    const leader = since >= 0 && since < 10 ? undefined : leaderAt(minute, pods)
    for (const each of told) decidingPod(each, minute, { pods, leader })?.decided(each)
    const seen = faults.expectsAll ? { ...waiting, approvable: waiting.pending } : waiting
    for (const pod of pods) await pod.live(minute, { waiting: seen, leads: pod === leader }, to)
  }
}

function decidingPod(
  { component }: Told,
  minute: number,
  { pods, leader }: { readonly pods: readonly Pod[]; readonly leader: Pod | undefined },
): Pod | undefined {
  if (component === 'controller') return leader
  const serving = pods.filter((pod) => pod.plan.runs.webhook && pod.runsAt(minute))
  return serving[minute % serving.length]
}
