import type { Promised } from './change.ts'

const CALLS = ['kube/transport', 'kube/retry-after', 'controller/controller'].map(
  (of) => `server/${of}.test.ts`,
)
const INTERLEAVED = 'test/chaos/interleave.test.ts'
const STORE = 'server/kube/store.test.ts'
const INFORMER = ['list', 'watch', 'pause'].map((of) => `server/kube/informer-${of}.test.ts`)

/** Of the client of the API: its calls, lists and watches. */
export const promisesOfClient: readonly Promised[] = [
  {
    promise: 'a call that may no longer be sent is not sent',
    file: 'server/kube/exchange.ts',
    find: 'if (maySend?.() === false) outgoing.destroy(new Withheld())',
    replace: 'if (false) outgoing.destroy(new Withheld())',
    tests: CALLS,
  },
  {
    promise: 'a whole process keeps Retry-After',
    file: 'server/kube/retry-after.ts',
    find: 'this.#until = Math.max(this.#until, this.#clock.monotonic() + pauseMs)',
    replace: 'void pauseMs',
    tests: CALLS,
  },
  {
    promise: 'a 429 is waited out as long as it asks',
    file: 'server/kube/retry-after.ts',
    find: 'answer.status === 429 ? askedMs : Math.min',
    replace: 'Math.min',
    tests: CALLS,
  },
  {
    promise: 'a 503 of a proxy holds nobody up for long',
    file: 'server/kube/retry-after.ts',
    find: 'Math.min(askedMs, UNAVAILABLE_MAX_MS)',
    replace: 'askedMs',
    tests: CALLS,
  },
  {
    promise: 'a resource is absent only if discovery confirms it',
    file: 'server/kube/list.ts',
    find: 'page.status === 404 && (await isAbsent(call))',
    replace: 'page.status === 404',
    tests: ['server/kube/list.test.ts', ...INFORMER],
  },
  {
    promise: 'discovery confirms it in an answer of its own kind',
    file: 'server/kube/list.ts',
    find: "answer['kind'] === kind && Array",
    replace: 'Array',
    tests: ['server/kube/list.test.ts', ...INFORMER],
  },
  {
    promise: 'a list is as old as its request',
    file: 'server/kube/watched-age.ts',
    find: 'this.prove(sentAt)',
    replace: 'this.prove(this.now())',
    tests: INFORMER,
  },
  {
    promise: 'a list that is half read after its watch was lost proves nothing',
    file: 'server/kube/watched-age.ts',
    find: 'this.doubt()',
    replace: '',
    tests: [...INFORMER, INTERLEAVED],
  },
  {
    promise: 'what lay in a socket while the process stood still proves nothing',
    file: 'server/kube/watched-age.ts',
    find: 'if (pausedMs > this.#maxMs) this.#fallBehind()',
    replace: 'void pausedMs',
    tests: [...INFORMER, INTERLEAVED],
  },
  {
    promise: 'a bookmark of a version that was known proves nothing',
    file: 'server/kube/informer.ts',
    find: "if (moved && this.#phase === 'live')",
    replace: "if (moved || this.#phase === 'live')",
    tests: INFORMER,
  },
  {
    promise: 'an event that is older than what is known changes nothing',
    file: 'server/kube/store.ts',
    find: 'if (this.#isLate(read, known, deleted)) return',
    replace: '',
    tests: [STORE, ...INFORMER],
  },
  {
    promise: 'what the watch told while a list is read is not undone by it',
    file: 'server/kube/store.ts',
    find: 'if (touched === undefined || isOlder(touched, read.resourceVersion)) this.#put(read)',
    replace: 'this.#put(read)',
    tests: [STORE, ...INFORMER],
  },
  {
    promise: 'what a whole list does not show is gone',
    file: 'server/kube/store.ts',
    find: 'if (list === this.#list ||',
    replace: 'if (list > 0 ||',
    tests: [STORE, ...INFORMER],
  },
]
