/** Grafana's dark theme, which reads well on a light page, too. */
export const colours = {
  page: '#111217',
  panel: '#181b1f',
  border: '#25272c',
  text: '#ccccdc',
  faint: '#8e8e9c',
  line: '#2c2f36',
  /** When something happened. */
  mark: '#6e7079',
} as const

/** Grafana's classic palette. */
export const palette = [
  '#73bf69',
  '#f2cc0c',
  '#5794f2',
  '#ff9830',
  '#f2495c',
  '#b877d9',
  '#8ab8ff',
  '#96d98d',
  '#ffb357',
  '#ff7383',
] as const

export const limitColours = { green: '#73bf69', orange: '#ff9830', red: '#f2495c' } as const
