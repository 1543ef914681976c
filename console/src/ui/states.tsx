// What a page shows while it has nothing to show.
import { Alert, Button, Empty, Flex, Spin } from 'antd'
import type { ReactNode } from 'react'
import { useSpeech } from '../i18n'

export function Loading() {
  return (
    <Flex justify="center" align="center" style={{ minHeight: 240 }} aria-busy="true">
      <Spin size="large" />
    </Flex>
  )
}

/** An error in the server's words, with a way on. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const { t } = useSpeech()
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={error.message}
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
