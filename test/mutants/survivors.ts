/** Changes that no test tells, and why none can: by the line as it is changed. */
export const survivors: Readonly<Record<string, string>> = {
  'if (before !== undefined || after === undefined) this.#leave(before.name, now)':
    'since when a Node is gone is asked of Nodes that are gone only, whose last change is that they went',
  'if (text.length <= (goneMaxBytes - 1) || gone.length === 0) return { content, text }':
    'a text of just this size is none too long: nothing is taken from it',
}
