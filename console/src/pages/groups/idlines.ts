// Ids stand in lines of as many as there is room for: which one is at the top stays the same when the room changes.
export const line = 34 // pixels

/** What is at the top of a list that is scrolled by so many pixels. */
export type Top = { first: number; scrolled: number }

/** The first id on the screen, unless the list still stands where it was put for one that is known. */
export function topAt(was: Top, scrolled: number, columns: number): Top {
  return Math.abs(scrolled - was.scrolled) < 1 ? was : { first: Math.floor(scrolled / line) * columns, scrolled }
}

/** Where the list is to stand so that the same id is in its first line. */
export function scrolledTo(first: number, columns: number): number {
  return Math.floor(first / columns) * line
}
