// Words in Chinese and English. Each page keeps its own in words.ts; {name} is filled in.
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { formats, locale } from './units'
import { type Language, translate, type Word } from './words'

export type { Language, Word } from './words'

type Speech = {
  language: Language
  speak: (language: Language) => void
  t: (word: Word, values?: Record<string, string | number>) => string
  /** A count, which the API may send as text when it is above 2^53. */
  number: (n: number | string) => string
  time: (iso: string | null | undefined) => string
  /** A time with its zone, for where it is compared with others. */
  moment: (iso: string | null | undefined) => string
  /** A share of 1 as per cent. */
  percent: (share: number) => string
}

const Context = createContext<Speech | null>(null)

/** The language chosen before, else the browser's. */
function first(): Language {
  const kept = localStorage.getItem('language')
  if (kept === 'en' || kept === 'zh') return kept
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

export function Speaking({ children }: { children: ReactNode }) {
  const [language, speak] = useState<Language>(first)
  useEffect(() => {
    localStorage.setItem('language', language)
    document.documentElement.lang = locale(language)
  }, [language])
  const speech = useMemo<Speech>(() => {
    const { number, share, time, moment } = formats[language]
    return {
      language,
      speak,
      t: (word, values) => translate(language, word, values),
      number: (n) => number.format(typeof n === 'string' ? BigInt(n) : n),
      time: (iso) => (iso ? time.format(new Date(iso)) : ''),
      moment: (iso) => (iso ? moment.format(new Date(iso)) : ''),
      percent: (of) => share.format(of),
    }
  }, [language])
  return <Context value={speech}>{children}</Context>
}

export function useSpeech(): Speech {
  const speech = useContext(Context)
  if (!speech) throw new Error('useSpeech outside of Speaking')
  return speech
}
