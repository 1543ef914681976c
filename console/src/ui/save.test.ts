import { expect, test } from 'vitest'
import { csv } from './save'

test('cells are quoted where they must be, and spreadsheets see text', () => {
  expect(csv([['a', 'b'], ['1,5', 'say "hi"']])).toBe('\uFEFFa,b\r\n"1,5","say ""hi"""\r\n')
  expect(csv([['=1+1', '+1+cmd', '-x', '@x', '\tx', '\rx', 'a=b', '', '+86', '-1', '-1.5']])).toBe(`\uFEFF'=1+1,'+1+cmd,'-x,'@x,'\tx,"'\rx",a=b,,+86,-1,-1.5\r\n`)
})
