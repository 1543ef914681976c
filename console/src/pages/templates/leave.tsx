import { App } from 'antd'
import { useEffect, useRef } from 'react'
import { useBlocker } from 'react-router'
import { useSpeech } from '../../i18n'

/** Asks before what was changed is lost; allow lets the page go once it is saved. */
export function useLeaveGuard(dirty: boolean): { allow: () => void } {
  const { t } = useSpeech()
  const { modal } = App.useApp()
  const allowed = useRef(false)
  const blocker = useBlocker(({ currentLocation, nextLocation }) => dirty && !allowed.current && currentLocation.pathname !== nextLocation.pathname)
  useEffect(() => {
    if (!dirty) allowed.current = false
    const ask = (e: BeforeUnloadEvent) => {
      if (!allowed.current) e.preventDefault()
    }
    if (dirty) window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [dirty])
  useEffect(() => {
    if (blocker.state !== 'blocked') return
    const asking = modal.confirm({
      title: t('templates.leave'),
      content: t('templates.leaveText'),
      okText: t('templates.leaveOk'),
      cancelText: t('templates.stay'),
      onOk: () => blocker.proceed(),
      onCancel: () => blocker.reset(),
    })
    return asking.destroy
  }, [blocker, modal, t])
  return { allow: () => void (allowed.current = true) }
}
