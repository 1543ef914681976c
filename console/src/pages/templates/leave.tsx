import { Modal } from 'antd'
import { type ReactNode, useEffect, useRef } from 'react'
import { useBlocker } from 'react-router'
import { useSpeech } from '../../i18n'

/** Asks before what was changed is lost; allow lets the page go once it is saved. */
export function useLeaveGuard(dirty: boolean): { allow: () => void; dialog: ReactNode } {
  const { t } = useSpeech()
  const allowed = useRef(false)
  const blocker = useBlocker(({ currentLocation, nextLocation }) => dirty && !allowed.current && currentLocation.pathname !== nextLocation.pathname)
  useEffect(() => {
    allowed.current = false
    const ask = (e: BeforeUnloadEvent) => {
      if (!allowed.current) e.preventDefault()
    }
    if (dirty) window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [dirty])
  return {
    allow: () => {
      allowed.current = true
    },
    dialog: (
      <Modal open={blocker.state === 'blocked'} title={t('templates.leave')} okText={t('templates.leaveOk')} cancelText={t('templates.stay')} okButtonProps={{ danger: true }} onOk={() => blocker.proceed?.()}
        onCancel={() => blocker.reset?.()}>
        {t('templates.leaveText')}
      </Modal>
    ),
  }
}
