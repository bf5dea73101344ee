/** What the page shows of the fleet, from the JSON in it (contents.ts). */
import { code, element, showTable, word } from './table.mjs'

const DAY = 86_400_000
const contents = JSON.parse(document.getElementById('contents').textContent)
const { now, summary } = contents

const day = (time) => (time === null ? '' : new Date(time).toISOString().slice(0, 10))
const minute = (time) => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
const daysLeft = ({ notAfter }) => (notAfter === null ? null : Math.floor((notAfter - now) / DAY))

/** A kubelet renews when 70 to 90 % of the lifetime are over. */
const toneOfTime = ({ notBefore, notAfter }) => {
  if (notAfter < now) return 'bad'
  return notAfter - now < (notAfter - notBefore) * 0.1 ? 'warning' : 'good'
}

/** The words are those of status. */
const servings = {
  yes: 'good',
  noCertificate: 'bad',
  selfMade: 'bad',
  otherCa: 'bad',
  otherNode: 'bad',
  expired: 'bad',
  notVisible: 'warning',
  unknown: 'faint',
}
const states = { issued: 'good', approved: 'warning', pending: 'warning', denied: 'bad', failed: 'bad' }
const severities = { critical: 'bad', warning: 'warning', info: 'faint', notVisible: 'warning', ok: 'good' }

/** The timeline is that of all certificates, but at most 400 days to each side: self-made ones last for decades. */
const certified = contents.nodes.filter(({ notAfter }) => notAfter !== null)
const reach = (time) => Math.min(Math.max(time, now - 400 * DAY), now + 400 * DAY)
const from = certified.reduce((least, { notBefore }) => Math.min(least, reach(notBefore)), now)
const to = certified.reduce((most, { notAfter }) => Math.max(most, reach(notAfter)), now + DAY)
const place = (time) => Math.min(Math.max(((time - from) / (to - from)) * 100, 0), 100)

const timeline = (node) => {
  if (node.notAfter === null) return [element('span', { className: 'faint', text: 'none seen' })]
  const bar = element('i')
  bar.style.left = `${place(node.notBefore)}%`
  bar.style.right = `${100 - place(node.notAfter)}%`
  const today = element('b')
  today.style.left = `${place(now)}%`
  const dates = `${day(node.notBefore)} to ${day(node.notAfter)}${node.from === 'csr' ? ', of its CSR' : ''}`
  const track = element('div', { className: `track ${toneOfTime(node)}`, role: 'img', 'aria-label': dates })
  track.append(bar, today)
  return [track, element('span', { className: 'faint', text: dates })]
}

const addresses = ({ addresses: reported, notAfter }) => {
  const items = reported.map(({ type, value, covered }) => {
    const missing = notAfter !== null && !covered
    const tone = missing ? 'bad' : ''
    const text = `${value}${missing ? ' is not in the certificate' : ''}`
    return element('li', { title: type }, element('span', { className: tone, text }))
  })
  return [element('ul', {}, ...items)]
}

const sans = ({ sans: all }) => {
  const list = (some) => element('ul', {}, ...some.map((text) => element('li', { text })))
  if (all.length <= 4) return [list(all)]
  const rest = element('details', {}, element('summary', { text: `${all.length - 3} more` }))
  rest.append(list(all.slice(3)))
  return [list(all.slice(0, 3)), rest]
}

const nodeColumns = [
  { title: 'Node', of: ({ name }) => name, class: 'long' },
  { title: 'Ready', of: ({ ready }) => (ready ? 'yes' : 'no'), class: 'short' },
  {
    title: 'Serves',
    of: ({ serving }) => serving,
    show: ({ serving }) => word(serving, servings[serving]),
    class: 'short',
  },
  { title: 'Finding', of: ({ finding }) => finding, class: 'long' },
  {
    title: 'Days left',
    of: daysLeft,
    show: (row) => (row.notAfter === null ? [] : word(String(daysLeft(row)), toneOfTime(row))),
    class: 'number',
  },
  { title: `Valid, from ${day(from)} to ${day(to)}`, of: ({ notAfter }) => notAfter, show: timeline },
  {
    title: 'Addresses of the Node',
    of: ({ addresses: all }) => all.map(({ value }) => value).join(' '),
    show: addresses,
  },
  { title: 'Names in the certificate', of: ({ sans: all }) => all.join(' '), show: sans },
]
const csrColumns = [
  {
    title: 'Asked',
    of: ({ createdAt }) => createdAt,
    words: ({ createdAt }) => minute(createdAt),
    show: (row) => word(minute(row.createdAt)),
    class: 'short',
  },
  { title: 'CSR', of: ({ name }) => name },
  { title: 'Node', of: ({ node }) => node },
  {
    title: 'State',
    of: ({ state }) => state,
    show: ({ state }) => word(state, states[state]),
    class: 'short',
  },
  { title: 'Reason', of: ({ reason }) => reason, show: ({ reason }) => code(reason) },
  { title: 'Message', of: ({ message }) => message, class: 'long' },
]
const findingColumns = [
  {
    title: 'Severity',
    of: ({ severity }) => Object.keys(severities).indexOf(severity),
    words: ({ severity }) => severity,
    show: ({ severity }) => word(severity, severities[severity]),
    class: 'short',
  },
  { title: 'Finding', of: (row) => row.code, show: (row) => code(row.code) },
  { title: 'Subject', of: ({ subject }) => subject },
  { title: 'Evidence', of: ({ evidence }) => evidence, class: 'long' },
  {
    title: 'Fix',
    of: ({ fix }) => fix.join(' '),
    show: ({ fix }) => [element('ul', {}, ...fix.map((step) => element('li', {}, ...code(step))))],
    class: 'long',
  },
]

const about = [contents.context, contents.server, contents.version].filter((part) => part !== '').join(', ')
document.getElementById('about').textContent = `${about}. Made ${minute(now)} by ${contents.madeBy}.`
const counts = [
  ['Nodes', summary.nodes, ''],
  ['Serve a certificate of the cluster', summary.serving, summary.serving === summary.nodes ? 'good' : 'bad'],
  ['Wait for approval', summary.pending, summary.pending > 0 ? 'warning' : ''],
  ['CSRs denied', summary.denied, summary.denied > 0 ? 'bad' : ''],
  ['Not visible from there', summary.notVisible, summary.notVisible > 0 ? 'warning' : ''],
]
for (const [text, number, className] of counts)
  document
    .getElementById('summary')
    .append(element('div', {}, element('dt', { text }), element('dd', { className, text: String(number) })))
showTable('findings', contents.findings, findingColumns, 'findings')
showTable('nodes', contents.nodes, nodeColumns, 'nodes')
showTable('csrs', contents.csrs, csrColumns, 'CSRs')
