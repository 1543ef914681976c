// The first file of a group that was made just now: its page sends it. A file cannot go through an address.
const files = new Map<string, File>()

export const hand = (id: string, file: File): void => void files.set(id, file)

export function take(id: string): File | undefined {
  const file = files.get(id)
  files.delete(id)
  return file
}
