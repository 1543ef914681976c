// Cuts the text of a segment into tokens, one at a time, and knows where each stands.

/** A place: index in JavaScript's units; offset in bytes of UTF-8 from 0; line and column, in characters, from 1. */
export type Place = { index: number; offset: number; line: number; column: number }

export type Token = {
  kind: 'end' | 'word' | 'number' | 'sign' | 'bad'
  text: string
  at: Place
}

const space = /[ \t\n\r]*/y
const patterns = [
  ['word', /[A-Za-z_][A-Za-z_0-9]*/y],
  ['number', /[0-9+.-][A-Za-z_0-9+.-]*/y], // numbers, dates, and what was meant to be one
  ['sign', /[<>]=?|[(),=]/y],
] as const

export class Lexer {
  private at: Place = { index: 0, offset: 0, line: 1, column: 1 }

  constructor(private readonly src: string) {}

  next(): Token {
    this.move(match(space, this.src, this.at.index))
    const at = this.at
    if (at.index === this.src.length) return { kind: 'end', text: '', at }
    for (const [kind, pattern] of patterns) {
      const found = match(pattern, this.src, at.index)
      if (found === '') continue
      this.move(found)
      return { kind, text: kind === 'word' ? found.toLowerCase() : found, at }
    }
    const bad = String.fromCodePoint(this.src.codePointAt(at.index) ?? 0xfffd)
    this.move(bad)
    return { kind: 'bad', text: bad, at }
  }

  private move(over: string): void {
    let { index, offset, line, column } = this.at
    for (const c of over) {
      index += c.length
      offset += width(c.codePointAt(0) ?? 0)
      if (c === '\n') {
        line++
        column = 1
      } else column++
    }
    this.at = { index, offset, line, column }
  }
}

function match(pattern: RegExp, src: string, from: number): string {
  pattern.lastIndex = from
  return pattern.exec(src)?.[0] ?? ''
}

/** Bytes of UTF-8. */
function width(point: number): number {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
}
