import { oneLine } from '../../policies/text.ts'

/** HTML that stands in a page as it is. A string is text. */
export interface Html {
  readonly html: string
}

export type Content = Html | string

/** The longest text of others that is shown: a condition's message may have any length. */
const TEXT_MAX = 1_024

/** An element with its content; an attribute that is empty is left out. */
export function element(
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  ...content: readonly Content[]
): Html {
  const written = Object.entries(attributes).flatMap(([name, value]) =>
    value === '' ? [] : [` ${name}="${escaped(String(value))}"`],
  )
  return { html: `<${tag}${written.join('')}>${content.map(htmlOf).join('')}</${tag}>` }
}

export function listOf(items: readonly Content[]): Html {
  return element('ul', {}, ...items.map((item) => element('li', {}, item)))
}

function htmlOf(content: Content): string {
  return typeof content === 'string' ? escaped(content) : content.html
}

/** ASCII on one line, whatever others wrote. */
function escaped(text: string): string {
  return oneLine(text, TEXT_MAX)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

export interface Column<Row> {
  readonly title: string
  readonly class?: 'short' | 'long' | 'number'
  readonly cell: (row: Row) => Content
}

/** A section with a heading and a row for each item, in their order. */
export function section<Row>(
  { id, title, none }: { readonly id: string; readonly title: string; readonly none: string },
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): Html {
  const heads = columns.map(({ title: name, ...column }) =>
    element('th', { scope: 'col', class: column.class ?? '' }, name),
  )
  const cells = (row: Row): Html[] =>
    columns.map(({ cell, ...column }) => element('td', { class: column.class ?? '' }, cell(row)))
  const table = element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...rows.map((row) => element('tr', {}, ...cells(row)))),
  )
  const name = { id: `${id}-title` }
  return element(
    'section',
    { id, 'aria-labelledby': name.id },
    element('h2', name, `${title} (${rows.length})`),
    // What is wider than the screen scrolls, also by the keyboard.
    rows.length === 0
      ? element('p', {}, none)
      : element('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-labelledby': name.id }, table),
  )
}
