/** Reads fields of untrusted JSON. Only own properties count, and each field of the wrong type adds one problem. */

/** Problems reported per document. A hostile list could have millions. */
const PROBLEMS_MAX = 8
/** Longest list of objects that is read. A CSR has at most three conditions. */
const OBJECTS_MAX = 100

/** The fields of an object. A wrong or missing field reads as empty and adds a problem. Problems quote no values. */
export class Fields {
  readonly #source: Readonly<Record<string, unknown>>
  readonly #path: string
  /** Such as `object.spec.usages is not a list of strings`. Shared by all objects of one document. */
  readonly problems: string[]

  constructor(value: unknown, path: string, problems: string[] = []) {
    this.#source = isObject(value) ? value : {}
    this.#path = path
    this.problems = problems
    if (this.#source !== value) this.#complain('is not an object', path)
  }

  /** A required string that is not empty. */
  text(key: string): string {
    const found = this.#read(key)
    return typeof found === 'string' && found !== '' ? found : this.#refuse(key, 'a string or is empty', '')
  }

  /** A string, or an empty string if absent. */
  optionalText(key: string): string {
    const found = this.#read(key) ?? ''
    return typeof found === 'string' ? found : this.#refuse(key, 'a string', '')
  }

  /** A list of strings, or an empty list if absent. */
  texts(key: string): readonly string[] {
    const found = this.#read(key) ?? []
    return isTexts(found) ? found : this.#refuse(key, 'a list of strings', [])
  }

  /** Lists of strings by key, or an empty object if absent. */
  textsByKey(key: string): Readonly<Record<string, readonly string[]>> {
    const found = this.#read(key) ?? {}
    return isTextsByKey(found) ? found : this.#refuse(key, 'lists of strings by key', {})
  }

  /** A boolean, or false if absent. */
  flag(key: string): boolean {
    const found = this.#read(key) ?? false
    return typeof found === 'boolean' ? found : this.#refuse(key, 'true or false', false)
  }

  /** A whole number, or null if absent. */
  wholeNumber(key: string): number | null {
    const found = this.#read(key) ?? null
    return found === null || isWhole(found) ? found : this.#refuse(key, 'a whole number', null)
  }

  /** A required RFC 3339 time, in milliseconds since the epoch. */
  time(key: string): number {
    const time = Date.parse(this.optionalText(key))
    return Number.isNaN(time) ? this.#refuse(key, 'a time', 0) : time
  }

  /** The length of a list, or 0 if absent. */
  count(key: string): number {
    const found = this.#read(key) ?? []
    return Array.isArray(found) ? found.length : this.#refuse(key, 'a list', 0)
  }

  /** The objects of a list, or an empty list if absent. */
  objects(key: string): readonly Fields[] {
    const found: unknown = this.#read(key) ?? []
    if (!Array.isArray(found) || found.length > OBJECTS_MAX) {
      return this.#refuse(key, `a list of at most ${OBJECTS_MAX} objects`, [])
    }
    return found.map((item, index) => new Fields(item, `${this.#path}.${key}[${index}]`, this.problems))
  }

  /** The first `count` objects of a list of any length, or an empty list if absent. */
  leadingObjects(key: string, count: number): readonly Fields[] {
    const found: unknown = this.#read(key) ?? []
    if (!Array.isArray(found)) return this.#refuse(key, 'a list of objects', [])
    return found
      .slice(0, count)
      .map((item, index) => new Fields(item, `${this.#path}.${key}[${index}]`, this.problems))
  }

  /** A required object. */
  object(key: string): Fields {
    return new Fields(this.#read(key), `${this.#path}.${key}`, this.problems)
  }

  /** An object, or null if absent. */
  optionalObject(key: string): Fields | null {
    return this.has(key) ? this.object(key) : null
  }

  /** Whether the field is present and not null. */
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
