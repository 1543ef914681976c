import type { ReactNode } from 'react'
import type { RouteObject } from 'react-router'
import type { Word } from '../i18n'

/** Roles of keys; each may do what those before it may. */
export const ranks = { viewer: 1, operator: 2, admin: 3 } as const
export type Role = keyof typeof ranks

/** What a page's folder tells the frame (page.tsx). Its parts are loaded when it is first opened. */
export type PageOf = {
  path: string
  title: Word
  icon: ReactNode
  role: Role // needed to see it
  routes: RouteObject[] // under /:biz
}
