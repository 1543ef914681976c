/** How many characters a text has, as the server counts them: no character counts twice. */
export const length = (s: string): number => [...s].length

/** The first n characters of a text; none is cut in two. */
export const cut = (s: string, n: number): string => [...s].slice(0, n).join('')
