// Text to tree. The grammar, in order of binding from loose to tight; words in any case:
//
//   or      = and { "or" and }
//   and     = not { "and" not }
//   not     = "not" not | "(" or ")" | clause
//   clause  = "group" "(" id ")" | "tag" "(" id ")" | "orders" "(" args ")" sign count
//   args    = arg { "," arg }        each name once, days always
//   arg     = ( "days" | "product" | "product_group" | "until" ) "=" value
//   sign    = ">" | ">=" | "<" | "<=" | "="
import { GrammarError, type Key, type Values } from './grammar_error'
import { Lexer, type Place, type Token } from './lexer'
import { type Comparison, children, comparisons, id, limits, most, type OrdersOf, type Tree, text } from './tree'

export { GrammarError } from './grammar_error'
export { canonical, type Id, limits, type Tree, text } from './tree'

/** Parses the text form; throws GrammarError. */
export function parse(src: string): Tree {
  if (src.length > limits.bytes || new TextEncoder().encode(src).length > limits.bytes) throw new GrammarError('large', undefined, { n: limits.bytes })
  return new Parser(src).whole()
}

class Parser {
  private readonly lexer: Lexer
  private tok: Token
  private nest = 0 // parentheses and nots that are open
  private clauses = 0
  private readonly places = new Map<Tree, Place>()

  constructor(src: string) {
    this.lexer = new Lexer(src)
    this.tok = this.lexer.next()
  }

  whole(): Tree {
    const n = this.or()
    if (this.tok.kind !== 'end') throw this.wrong(this.isSign(')') ? 'closes' : 'after')
    this.check(n)
    return n
  }

  private or(): Tree {
    return this.list('or', () => this.and(), (any) => ({ any }))
  }

  private and(): Tree {
    return this.list('and', () => this.not(), (all) => ({ all }))
  }

  /** operand { word operand }: begins where its first operand does. */
  private list(word: string, operand: () => Tree, join: (of: Tree[]) => Tree): Tree {
    const at = this.tok.at
    const first = operand()
    if (!this.isWord(word)) return first
    const of = [first]
    while (this.isWord(word)) {
      this.advance()
      of.push(operand())
    }
    return this.placed(join(of), at)
  }

  private not(): Tree {
    const at = this.tok.at
    const negated = this.isWord('not')
    if (!negated && !this.isSign('(')) return this.clause()
    if (++this.nest >= limits.depth) throw this.wrong('deep')
    this.advance()
    const n = negated ? this.placed({ not: this.not() }, at) : this.or()
    if (!negated) {
      if (this.tok.kind === 'end') throw this.wrong('open', { line: at.line, column: at.column })
      if (!this.isSign(')')) throw this.wrong('inside')
      this.advance()
    }
    this.nest--
    return n
  }

  private clause(): Tree {
    const at = this.tok.at
    if (++this.clauses > limits.nodes) throw this.wrong('many', { n: limits.nodes })
    if (this.isWord('group')) return this.placed({ group: id(this.setId('group')) }, at)
    if (this.isWord('tag')) return this.placed({ tag: Number(this.setId('tag')) }, at)
    if (this.isWord('orders')) return this.placed({ orders: this.orders() }, at)
    throw this.wrong(this.tok.kind === 'bad' && '（）'.includes(this.tok.text) ? 'wide' : 'clause')
  }

  private setId(word: 'group' | 'tag'): bigint {
    this.advance()
    this.sign('(', `${word}(12)`)
    const n = this.number(word, 1n, most[word])
    if (this.isSign(',')) throw this.wrong('one', { word })
    this.sign(')')
    return n
  }

  private orders(): OrdersOf {
    this.advance()
    this.sign('(', 'orders(days=2) > 2')
    const given = this.args()
    const op = this.tok.kind === 'sign' && (Object.keys(comparisons) as Comparison[]).find((c) => comparisons[c] === this.tok.text)
    if (!op) throw this.wrong('compare')
    this.advance()
    const { days = 0, product, product_group, until } = given
    return {
      days,
      ...(product !== undefined && { product }),
      ...(product_group !== undefined && { product_group }),
      ...(until !== undefined && { until }),
      [op]: Number(this.number('count', 0n, BigInt(limits.count))),
    }
  }

  /** name=value pairs up to and with the closing parenthesis. */
  private args(): Partial<OrdersOf> {
    const given: Partial<OrdersOf> = {}
    for (;;) {
      const name = this.tok
      if (name.kind !== 'word') throw this.wrong('name')
      if (Object.hasOwn(given, name.text)) throw this.wrong('twice')
      this.advance()
      this.arg(given, name)
      if (this.isSign(',')) {
        this.advance()
        continue
      }
      if (!this.isSign(')')) throw this.wrong('comma')
      if (given.days === undefined) throw this.wrong('days')
      this.advance()
      return given
    }
  }

  private arg(given: Partial<OrdersOf>, name: Token): void {
    const key = name.text
    if (key !== 'days' && key !== 'product' && key !== 'product_group' && key !== 'until') throw this.wrong('unknown', {}, name)
    this.sign('=')
    if (key === 'days') given.days = Number(this.number(key, 1n, BigInt(limits.days)))
    else if (key === 'until') given.until = this.day()
    else given[key] = id(this.number(key, 0n, most.product))
  }

  private day(): string {
    const { kind, text: day } = this.tok
    const fault = badDay(day)
    if (fault) throw this.wrong(fault)
    if (kind !== 'number') throw this.wrong('day')
    this.advance()
    return day
  }

  private sign(sign: string, example?: string): void {
    if (!this.isSign(sign)) throw example ? this.wrong('write', { sign, example }) : this.wrong('sign', { sign })
    this.advance()
  }

  private number(what: string, least: bigint, highest: bigint): bigint {
    const { kind, text: digits } = this.tok
    if (kind !== 'number') throw this.wrong('whole', { what })
    if (!/^[0-9]+$/.test(digits)) throw this.wrong('digits', { what })
    if (digits.length > 1 && digits.startsWith('0')) throw this.wrong('zeros', { what })
    const n = digits.length > 20 ? highest + 1n : BigInt(digits)
    if (n < least || n > highest) throw this.wrong('range', { what, least: String(least), most: String(highest) })
    this.advance()
    return n
  }

  /** The limits of the whole, in the order in which it is written. */
  private check(root: Tree): void {
    let nodes = 0
    const orders = new Set<string>()
    const visit = (n: Tree, depth: number) => {
      const at = this.places.get(n)
      nodes++
      if (depth > limits.depth) throw new GrammarError('deep', at)
      if (nodes > limits.nodes) throw new GrammarError('many', at, { n: limits.nodes })
      if ('orders' in n) orders.add(text(n))
      if (orders.size > limits.orders) throw new GrammarError('orders', at, { n: limits.orders })
      for (const c of children(n)) visit(c, depth + 1)
    }
    visit(root, 1)
  }

  private advance(): void {
    this.tok = this.lexer.next()
  }

  private isWord(word: string): boolean {
    return this.tok.kind === 'word' && this.tok.text === word
  }

  private isSign(sign: string): boolean {
    return this.tok.kind === 'sign' && this.tok.text === sign
  }

  private placed<T extends Tree>(n: T, at: Place): T {
    this.places.set(n, at)
    return n
  }

  private wrong(key: Key, values: Values = {}, token = this.tok): GrammarError {
    return new GrammarError(key, token.at, values, token)
  }
}

/** Why something is no day that until takes. */
export function badDay(day: string): 'noday' | 'years' | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return 'noday'
  const date = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== day) return 'noday'
  const year = date.getUTCFullYear()
  return year < 1970 || year > 2199 ? 'years' : undefined
}
