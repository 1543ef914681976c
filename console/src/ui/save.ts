/** What a spreadsheet would take for a formula; a number with a sign is none. */
const formula = /^(?![+-]?\d+(\.\d+)?$)[=+\-@\t\r]/

function cell(v: string): string {
  const said = formula.test(v) ? `'${v}` : v
  return /[",\r\n]/.test(said) ? `"${said.replaceAll('"', '""')}"` : said
}

/** Rows as CSV; the mark at its begin tells spreadsheets that it is UTF-8. An apostrophe keeps them from reading a cell as a formula. */
export function csv(rows: readonly (readonly string[])[]): string {
  return '\uFEFF' + rows.map((r) => r.map(cell).join(',') + '\r\n').join('')
}

/** Gives the browser a file that the page made. */
export function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const a = document.createElement('a')
  a.href = url
  a.download = name
  a.click()
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
