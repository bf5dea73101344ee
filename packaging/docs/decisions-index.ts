import { slug } from '../site/pages.ts'

/** Links to all decisions, by subject: of each, the line below its heading has the date and the subject. */
export function decisionsIndex(text: string): string {
  const entries = [...text.matchAll(/^## (.+)\n(?:\*(\d{4}-\d\d-\d\d) · (.+)\*\n)?/gmu)].map(
    ([, title = '', date = '', subject = 'New']) => ({ title, date, subject }),
  )
  return [...Map.groupBy(entries, ({ subject }) => subject)]
    .map(([subject, all]) => [`**${subject}**`, '', ...all.map(line)].join('\n'))
    .join('\n\n')
}

const line = ({ title, date }: { readonly title: string; readonly date: string }): string =>
  `- ${date === '' ? '' : `${date} `}[${title}](#${slug(title)})`
