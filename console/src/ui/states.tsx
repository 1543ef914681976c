// What a page shows while it has nothing to show.
import { Alert, Button, Empty, Flex, Spin } from 'antd'
import type { ReactNode } from 'react'
import { useSpeech } from '../i18n'
import { unreached } from './unreached'

export function Loading() {
  return (
    <Flex justify="center" align="center" style={{ minHeight: 240 }} aria-busy="true">
      <Spin size="large" />
    </Flex>
  )
}

/** What went wrong, in the server's words; where it was not reached, browsers have words of their own, which nobody needs. */
export function useSaid(): (error: Error) => string {
  const { t } = useSpeech()
  return (error) => (unreached(error) ? t('app.unreachable') : error.message)
}

/** An error, with a way on. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const { t } = useSpeech()
  const said = useSaid()
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={said(error)}
      action={retry && <Button onClick={retry}>{t('app.retry')}</Button>}
    />
  )
}

/** Nothing there, and what to do about it. */
export function Nothing({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text}>
      {children}
    </Empty>
  )
}
