// Asks before a page is left with which something would be lost.
import { Modal } from 'antd'
import { type ReactNode, useEffect, useRef } from 'react'
import { useBlocker } from 'react-router'
import { useSpeech } from '../i18n'
import { guard, type Words } from './guards'

const unsaved: Words = { title: 'leave.title', text: 'leave.unsaved', leave: 'leave.leave', stay: 'leave.stay' }

/** Guards the page while there is something to lose; allow lets it go, such as once it is saved. The dialog is to be shown. */
export function useLeaveGuard(loses: boolean, words: Words = unsaved): { allow: () => void; dialog: ReactNode } {
  const { t } = useSpeech()
  const allowed = useRef(false)
  const blocker = useBlocker(({ currentLocation, nextLocation }) => loses && !allowed.current && currentLocation.pathname !== nextLocation.pathname)
  useEffect(() => {
    allowed.current = false
    if (!loses) return
    const ask = (e: BeforeUnloadEvent) => {
      if (!allowed.current) e.preventDefault()
    }
    const end = guard({ words, allow: () => (allowed.current = true) })
    window.addEventListener('beforeunload', ask)
    return () => {
      end()
      window.removeEventListener('beforeunload', ask)
    }
  }, [loses, words])
  const blocked = blocker.state === 'blocked'
  useEffect(() => {
    if (blocked && !loses) blocker.reset?.() // what was asked about has ended meanwhile: how, one sees here
  }, [blocked, loses, blocker])
  return {
    allow: () => {
      allowed.current = true
    },
    dialog: (
      <Modal open={blocked} title={t(words.title)} okText={t(words.leave)} cancelText={t(words.stay)} okButtonProps={{ danger: true }}
        onOk={() => blocker.proceed?.()} onCancel={() => blocker.reset?.()}>
        {t(words.text)}
      </Modal>
    ),
  }
}
