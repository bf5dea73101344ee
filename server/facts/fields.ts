/** Narrows parsed JSON that someone else wrote: own fields only, one line for each that has the wrong shape. */

/** Problems worth record of one object; a hostile list could hold millions. */
const PROBLEMS_MAX = 8
/** Objects read of one list: a CSR has at most three conditions. */
const OBJECTS_MAX = 100

/** The fields of one object. A wrong or missing one reads as empty and leaves a problem, which quotes no value. */
export class Fields {
  readonly #source: Readonly<Record<string, unknown>>
  readonly #path: string
  /** Such as `object.spec.usages is not a list of strings`; shared by all that was read from one document. */
  readonly problems: string[]

  constructor(value: unknown, path: string, problems: string[] = []) {
    this.#source = isObject(value) ? value : {}
    this.#path = path
    this.problems = problems
    if (this.#source !== value) this.#complain('is not an object', path)
  }

  /** A string that must be there and not be empty. */
  text(key: string): string {
    const found = this.#read(key)
    return typeof found === 'string' && found !== '' ? found : this.#refuse(key, 'a text', '')
  }

  /** A string, empty when absent. */
  optionalText(key: string): string {
    const found = this.#read(key) ?? ''
    return typeof found === 'string' ? found : this.#refuse(key, 'a string', '')
  }

  /** A list of strings, empty when absent. */
  texts(key: string): readonly string[] {
    const found = this.#read(key) ?? []
    return isTexts(found) ? found : this.#refuse(key, 'a list of strings', [])
  }

  /** Lists of strings by key, empty when absent. */
  textsByKey(key: string): Readonly<Record<string, readonly string[]>> {
    const found = this.#read(key) ?? {}
    return isTextsByKey(found) ? found : this.#refuse(key, 'lists of strings by key', {})
  }

  /** Whether it is true; false when absent. */
  flag(key: string): boolean {
    const found = this.#read(key) ?? false
    return typeof found === 'boolean' ? found : this.#refuse(key, 'true or false', false)
  }

  /** A whole number, null when absent. */
  wholeNumber(key: string): number | null {
    const found = this.#read(key) ?? null
    return found === null || isWhole(found) ? found : this.#refuse(key, 'a whole number', null)
  }

  /** An RFC 3339 time that must be there, in milliseconds since the epoch. */
  time(key: string): number {
    const time = Date.parse(this.optionalText(key))
    return Number.isNaN(time) ? this.#refuse(key, 'a time', 0) : time
  }

  /** How long a list is, 0 when absent. */
  count(key: string): number {
    const found = this.#read(key) ?? []
    return Array.isArray(found) ? found.length : this.#refuse(key, 'a list', 0)
  }

  /** The objects of a list, empty when absent. */
  objects(key: string): readonly Fields[] {
    const found: unknown = this.#read(key) ?? []
    if (!Array.isArray(found) || found.length > OBJECTS_MAX) {
      return this.#refuse(key, `a list of at most ${OBJECTS_MAX} objects`, [])
    }
    return found.map((item, index) => new Fields(item, `${this.#path}.${key}[${index}]`, this.problems))
  }

  /** The first `count` objects of a list however long, empty when absent: for lists whose rest is not judged. */
  leadingObjects(key: string, count: number): readonly Fields[] {
    const found: unknown = this.#read(key) ?? []
    if (!Array.isArray(found)) return this.#refuse(key, 'a list of objects', [])
    return found
      .slice(0, count)
      .map((item, index) => new Fields(item, `${this.#path}.${key}[${index}]`, this.problems))
  }

  /** An object that must be there. */
  object(key: string): Fields {
    return new Fields(this.#read(key), `${this.#path}.${key}`, this.problems)
  }

  /** An object, null when absent. */
  optionalObject(key: string): Fields | null {
    return this.has(key) ? this.object(key) : null
  }

  /** Whether there is anything but null. */
  has(key: string): boolean {
    return this.#read(key) !== undefined
  }

  #read(key: string): unknown {
    return Object.hasOwn(this.#source, key) ? (this.#source[key] ?? undefined) : undefined
  }

  #refuse<T>(key: string, wanted: string, instead: T): T {
    this.#complain(`is not ${wanted}`, `${this.#path}.${key}`)
    return instead
  }

  #complain(problem: string, path: string): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(`${path} ${problem}`)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isTextsByKey(value: unknown): value is Readonly<Record<string, readonly string[]>> {
  return isObject(value) && Object.values(value).every(isTexts)
}
