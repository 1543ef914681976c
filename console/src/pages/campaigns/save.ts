/** Rows as CSV; the mark at its begin tells spreadsheets that it is UTF-8. */
export function csv(rows: string[][]): string {
  return '\uFEFF' + rows.map((r) => r.map((v) => (/[",\r\n]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v)).join(',') + '\r\n').join('')
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
