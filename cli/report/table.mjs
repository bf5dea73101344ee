/** Tables that can be filtered, sorted and paged. Shows values as text, never as HTML. page.ts puts fleet.mjs behind it, in the same script. */
const ROWS_PER_PAGE = 100

/** An element with a class, text and children. */
export const element = (tag, { className = '', text = '', ...attributes } = {}, ...children) => {
  const made = document.createElement(tag)
  if (className !== '') made.className = className
  if (text !== '') made.textContent = text
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

export const word = (text, className = '') => [element('span', { className, text })]
export const code = (text) => (text === '' ? [] : [element('code', { text })])

const collator = new Intl.Collator('en', { numeric: true })
const compare = (one, other) => {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return collator.compare(String(one), String(other))
}
/** Empty values come last, in both directions. */
const isEmpty = (value) => value === null || value === ''

/** Arrows, Home and End move between rows: Tab enters and leaves the table. */
const moveFocus = (event) => {
  const row = event.target
  if (row.tagName !== 'TR') return
  const body = row.parentElement
  const targets = {
    ArrowDown: row.nextElementSibling,
    ArrowUp: row.previousElementSibling,
    Home: body.firstElementChild,
    End: body.lastElementChild,
  }
  const target = targets[event.key]
  if (!target) return
  event.preventDefault()
  row.tabIndex = -1
  target.tabIndex = 0
  target.focus()
}

/** A table below the heading of section `id`. For print it shows all its rows. */
class PagedTable {
  #columns
  #what
  #searched
  #shown
  #page = 0
  #sorted = -1
  #ascending = true
  #filter
  #previous = element('button', { type: 'button', text: 'Previous' })
  #next = element('button', { type: 'button', text: 'Next' })
  #count = element('span', { role: 'status' })
  #body = element('tbody')
  #heads

  constructor(rows, columns, what) {
    this.#columns = columns
    this.#what = what
    this.#searched = rows.map((row) => ({ row, text: searchedText(row, columns) }))
    this.#shown = rows
    this.#filter = element('input', {
      type: 'search',
      'aria-label': `Filter ${what}`,
      placeholder: `Filter ${what}`,
    })
    this.#heads = columns.map(({ title, class: className = '' }) =>
      element('th', { className, scope: 'col' }, element('button', { type: 'button', text: title })),
    )
  }

  /** Adds the table and its controls to the section, and listens to them. */
  addTo(id) {
    this.#filter.addEventListener('input', () => this.#update())
    this.#previous.addEventListener('click', () => this.#turn(-1))
    this.#next.addEventListener('click', () => this.#turn(1))
    for (const [index, head] of this.#heads.entries())
      head.firstElementChild.addEventListener('click', () => this.#sortBy(index))
    this.#body.addEventListener('keydown', moveFocus)
    addEventListener('beforeprint', () => this.#render(true))
    addEventListener('afterprint', () => this.#render(false))
    const head = element('thead', {}, element('tr', {}, ...this.#heads))
    const table = element('table', { 'aria-labelledby': `${id}-title` }, head, this.#body)
    const controls = [this.#filter, this.#previous, this.#next, this.#count]
    document
      .getElementById(id)
      .append(
        element('div', { className: 'controls' }, ...controls),
        element('div', { className: 'scroll' }, table),
      )
    this.#render(false)
  }

  #render(all) {
    const start = all ? 0 : this.#page * ROWS_PER_PAGE
    const visible = all ? this.#shown : this.#shown.slice(start, start + ROWS_PER_PAGE)
    this.#body.replaceChildren(
      ...visible.map((row, index) =>
        element('tr', { tabindex: index === 0 ? '0' : '-1' }, ...cellsOf(row, this.#columns)),
      ),
    )
    const last = start + visible.length
    this.#count.textContent =
      last === 0 ? `no ${this.#what}` : `${start + 1} to ${last} of ${this.#shown.length} ${this.#what}`
    this.#previous.disabled = start === 0
    this.#next.disabled = last >= this.#shown.length
  }

  #turn(by) {
    this.#page += by
    this.#render(false)
  }

  #sortBy(index) {
    this.#ascending = this.#sorted === index ? !this.#ascending : true
    this.#sorted = index
    const direction = this.#ascending ? 'ascending' : 'descending'
    for (const [at, head] of this.#heads.entries())
      head.setAttribute('aria-sort', at === index ? direction : 'none')
    this.#update()
  }

  #update() {
    const wanted = this.#filter.value.trim().toLowerCase()
    const found = this.#searched.filter(({ text }) => text.includes(wanted)).map(({ row }) => row)
    const column = this.#columns[this.#sorted]
    this.#shown = column === undefined ? found : sortedBy(found, column, this.#ascending ? 1 : -1)
    this.#turn(-this.#page)
  }
}

function searchedText(row, columns) {
  const values = columns.map(({ of, words = of }) => words(row))
  return values.join(' ').toLowerCase()
}

function cellsOf(row, columns) {
  return columns.map(({ of, show, class: className = '' }) =>
    element('td', { className }, ...(show === undefined ? word(String(of(row))) : show(row))),
  )
}

function sortedBy(rows, { of }, sign) {
  const keyed = rows.map((row) => [of(row), row])
  keyed.sort(([one], [other]) => isEmpty(one) - isEmpty(other) || sign * compare(one, other))
  return keyed.map(([, row]) => row)
}

/**
 * Shows rows as a table in the section `id`. Of a column, `of` is the value that is sorted by, `show` the content of its cell,
 * and `words` what is searched, if that is not the value.
 */
export function showTable(id, rows, columns, what) {
  new PagedTable(rows, columns, what).addTo(id)
}
