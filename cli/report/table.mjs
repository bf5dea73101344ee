/** Tables that can be filtered, sorted and paged. Shows values as text, never as HTML. fleet.mjs follows in the same script. */
const ROWS_PER_PAGE = 100

/** An element with a class, text and children. */
const element = (tag, { className = '', text = '', ...attributes } = {}, ...children) => {
  const made = document.createElement(tag)
  if (className !== '') made.className = className
  if (text !== '') made.textContent = text
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

const word = (text, className = '') => [element('span', { className, text })]
const code = (text) => (text === '' ? [] : [element('code', { text })])

const collator = new Intl.Collator('en', { numeric: true })
/** Empty values come last, in both directions. */
const compare = (one, other) => {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return collator.compare(String(one), String(other))
}
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

/** A table that can be filtered, sorted and paged. For print it shows all its rows. */
const showTable = (id, rows, columns, what) => {
  const searched = rows.map((row) => ({
    row,
    text: columns
      .map((column) => column.of(row))
      .concat(row.severity ?? '')
      .join(' ')
      .toLowerCase(),
  }))
  const state = { shown: rows, page: 0, sorted: -1, ascending: true }
  const filter = element('input', {
    type: 'search',
    'aria-label': `Filter ${what}`,
    placeholder: `Filter ${what}`,
  })
  const previous = element('button', { type: 'button', text: 'Previous' })
  const next = element('button', { type: 'button', text: 'Next' })
  const count = element('span', { role: 'status' })
  const body = element('tbody')
  const heads = columns.map(({ title, class: className = '' }) =>
    element('th', { className, scope: 'col' }, element('button', { type: 'button', text: title })),
  )

  const render = (all) => {
    const start = all ? 0 : state.page * ROWS_PER_PAGE
    const visible = all ? state.shown : state.shown.slice(start, start + ROWS_PER_PAGE)
    body.replaceChildren(
      ...visible.map((row, index) => {
        const cells = columns.map(({ of, show, class: className = '' }) =>
          element('td', { className }, ...(show ? show(row) : word(String(of(row))))),
        )
        return element('tr', { tabindex: index === 0 ? '0' : '-1' }, ...cells)
      }),
    )
    const last = start + visible.length
    count.textContent = last === 0 ? `no ${what}` : `${start + 1} to ${last} of ${state.shown.length} ${what}`
    previous.disabled = start === 0
    next.disabled = last >= state.shown.length
  }
  const update = () => {
    const wanted = filter.value.trim().toLowerCase()
    state.shown = searched.filter(({ text }) => text.includes(wanted)).map(({ row }) => row)
    const column = columns[state.sorted]
    if (column) {
      const keyed = state.shown.map((row) => [column.of(row), row])
      const sign = state.ascending ? 1 : -1
      keyed.sort(([one], [other]) => isEmpty(one) - isEmpty(other) || sign * compare(one, other))
      state.shown = keyed.map(([, row]) => row)
    }
    state.page = 0
    render(false)
  }
  const turn = (by) => {
    state.page += by
    render(false)
  }
  const sortBy = (index) => {
    state.ascending = state.sorted === index ? !state.ascending : true
    state.sorted = index
    for (const [at, head] of heads.entries())
      head.setAttribute('aria-sort', at !== index ? 'none' : state.ascending ? 'ascending' : 'descending')
    update()
  }
  filter.addEventListener('input', update)
  previous.addEventListener('click', () => turn(-1))
  next.addEventListener('click', () => turn(1))
  for (const [index, head] of heads.entries())
    head.firstElementChild.addEventListener('click', () => sortBy(index))
  body.addEventListener('keydown', moveFocus)
  addEventListener('beforeprint', () => render(true))
  addEventListener('afterprint', () => render(false))
  const head = element('thead', {}, element('tr', {}, ...heads))
  const table = element('table', { 'aria-labelledby': `${id}-title` }, head, body)
  const controls = element('div', { className: 'controls' }, filter, previous, next, count)
  document.getElementById(id).append(controls, element('div', { className: 'scroll' }, table))
  update()
}
