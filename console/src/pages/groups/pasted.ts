// What somebody pastes instead of a file.

/** Its items: ids between spaces, line breaks, commas and semicolons; phones have spaces of their own. */
export function itemsOf(text: string, phones: boolean): string[] {
  return text
    .split(phones ? /[\r\n\t\u2028\u2029,;，；、]+/ : /[\s,;，；、]+/)
    .map((item) => item.replace(/\s+/g, ' ').trim())
    .filter(Boolean)
}

type Refused = { rejected?: readonly { line: number }[] | null; rejected_count: number | string }

/** What stays to be mended: the items that were refused, or all of them where not every refusal is told. */
export function leftOf(items: readonly string[], sent: Refused): { text: string; all: boolean } {
  const told = sent.rejected ?? []
  const all = BigInt(sent.rejected_count) > BigInt(told.length)
  const left = all ? items : told.flatMap((r) => items[r.line - 1] ?? [])
  return { text: left.join('\n'), all }
}
