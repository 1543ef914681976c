// Dialogs that are there while they are open.
import { App, Modal, type ModalProps } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useSaid } from './states'

/** Gives the focus back to what had it before this was shown, once this is gone. */
export function useFocusBack(): void {
  const [before] = useState(() => document.activeElement)
  useEffect(
    () => () =>
      queueMicrotask(() => {
        if (before instanceof HTMLElement && document.activeElement === document.body) before.focus()
      }),
    [before],
  )
}

type Props = Omit<ModalProps, 'confirmLoading'> & { /** What was agreed to is under way; one may close the dialog and go on. */ busy?: boolean }

/** A dialog; who mounts it opens it, who unmounts it closes it. */
export function Dialog({ busy, okButtonProps, ...rest }: Props) {
  useFocusBack()
  return <Modal open destroyOnHidden okButtonProps={{ ...okButtonProps, loading: busy }} {...rest} />
}

/** Whether what calls it is still shown: an answer may come after its dialog was closed. */
export function useHere(): () => boolean {
  const here = useRef(false)
  useEffect(() => {
    here.current = true
    return () => {
      here.current = false
    }
  }, [])
  return () => here.current
}

/** Says what failed when the dialog that asked for it is closed already. */
export function useFailedLater(title: string): (e: Error) => void {
  const { notification } = App.useApp()
  const here = useHere()
  const said = useSaid()
  return (e) => {
    if (!here()) notification.error({ title, description: said(e), duration: 0 })
  }
}
