/** The style of the page: light or dark as the system is, and all of it on paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --line: light-dark(#d5d9e0, #363c47);
  --text: light-dark(#1b1f26, #e4e7ec);
  --faint: light-dark(#5a6372, #9aa4b2);
}
body {
  margin: 0 auto; max-width: 100rem; padding: 1rem 1.5rem 3rem;
  background: light-dark(#ffffff, #15181d); color: var(--text); font: 14px/1.45 system-ui, sans-serif;
}
h1 { margin: 0.5rem 0 0; font-size: 1.5rem; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.15rem; }
p, dt, .faint { margin: 0.25rem 0; color: var(--faint); font-weight: normal; }
dl { display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 1rem 0 0; }
dl div { min-width: 8rem; padding: 0.5rem 0.9rem; border: 1px solid var(--line); border-radius: 6px; }
dd { margin: 0; font-size: 1.5rem; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td {
  padding: 0.35rem 0.5rem; border-bottom: 1px solid var(--line);
  text-align: left; vertical-align: top; overflow-wrap: anywhere;
}
th { border-bottom-width: 2px; overflow-wrap: normal; vertical-align: bottom; }
ul { margin: 0; padding: 0; list-style: none; }
code { font-size: 0.92em; }
.short, .number { white-space: nowrap; overflow-wrap: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.long { min-width: 11rem; }
.good { color: light-dark(#18733a, #56c87e); }
.warning { color: light-dark(#8a5300, #e8ae4a); }
.bad { color: light-dark(#b3202c, #ff7f87); font-weight: 600; }
.strong { font-weight: 600; }
.bar { fill: currentColor; opacity: 0.55; }
.now { fill: var(--text); }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 9px; }
  .scroll { overflow: visible; }
  .long { min-width: 0; }
  .bar, .now { print-color-adjust: exact; }
  tr, dl div { break-inside: avoid; }
}
`
