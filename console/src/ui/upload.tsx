// Sends a file of any size, as it is: the browser reads it from the disk piece by piece. One sees how far it
// is and how fast, may stop it, and reads afterwards which rows were refused and why.
import { CloudUploadOutlined, FileOutlined } from '@ant-design/icons'
import { Button, Card, Flex, Progress, theme, Typography, Upload } from 'antd'
import type { ReactNode } from 'react'
import { ApiError } from '../api/client'
import { useSpeech } from '../i18n'
import { bytes, span } from '../i18n/units'
import { Failure } from './states'
import { Outcome } from './upload_outcome'
import { type Uploading, type Way } from './upload_send'

export { type Sent, type Uploading, useUpload, type Way } from './upload_send'

/** Where files are dropped or chosen. With ask, that decides whether a file is sent. */
export function UploadArea({ upload, way, hint, label, ask }: {
  upload: Uploading
  way: Way
  hint: string
  label: string
  ask?: (file: File) => boolean | PromiseLike<boolean>
}) {
  const { t } = useSpeech()
  const { token } = theme.useToken()
  const take = async (file: File) => {
    if (!ask || (await ask(file))) upload.start(file, way)
  }
  return (
    <Upload.Dragger showUploadList={false} disabled={upload.busy} aria-label={label} beforeUpload={(file) => (void take(file), false)} style={{ width: '100%' }}>
      <Flex vertical gap={4} align="center" style={{ paddingInline: 12 }}>
        <CloudUploadOutlined style={{ fontSize: 36, color: token.colorPrimary }} aria-hidden />
        <Typography.Text strong>{t('upload.drop')}</Typography.Text>
        <Typography.Text type="secondary" style={{ textAlign: 'center' }}>{hint}</Typography.Text>
      </Flex>
    </Upload.Dragger>
  )
}

/** Whether the same file may well be taken next time: what is wrong is not the file. */
const again = (e: Error) => !(e instanceof ApiError) || e.status >= 500 || e.status === 429

/** How far an upload is, and what became of it. */
export function UploadState(props: { upload: Uploading; after?: ReactNode }) {
  return (
    <>
      <How {...props} />
      {props.upload.leaving}
    </>
  )
}

function How({ upload, after }: { upload: Uploading; after?: ReactNode }) {
  const { t } = useSpeech()
  const { state } = upload
  switch (state.at) {
    case 'idle':
      return null
    case 'done':
      return <Outcome sent={state.sent} file={state.file} close={upload.reset}>{after}</Outcome>
    case 'failed':
      return (
        <Flex vertical gap={8}>
          <Typography.Text type="secondary" ellipsis title={state.file}>{state.file}</Typography.Text>
          <Failure error={state.broken ? new Error(t('upload.broken')) : state.error} retry={state.broken || again(state.error) ? upload.again : undefined} />
        </Flex>
      )
    default:
      return <Progressing upload={upload} />
  }
}

function Progressing({ upload }: { upload: Uploading }) {
  const { t, language, percent } = useSpeech()
  const { state, cancel } = upload
  if (state.at !== 'sending' && state.at !== 'storing') return null
  const storing = state.at === 'storing'
  const share = storing ? 1 : state.total ? state.loaded / state.total : 0
  const seconds = storing || !state.speed ? undefined : Math.ceil((state.total - state.loaded) / state.speed)
  const left = seconds === undefined ? '' : span(language, 1000 * seconds)
  return (
    <Card size="small">
      <Flex vertical gap={4}>
        <Flex gap={8} justify="space-between" align="center">
          <Flex gap={8} style={{ minWidth: 0 }}>
            <FileOutlined aria-hidden />
            <Typography.Text strong ellipsis title={state.file}>{state.file}</Typography.Text>
          </Flex>
          {!storing && <Button size="small" onClick={cancel}>{t('upload.cancel')}</Button>}
        </Flex>
        <Progress percent={Math.floor(share * 1000) / 10} status="active" showInfo={false} aria-label={t('upload.progress')} />
        <Flex gap={16} wrap justify="space-between">
          <Typography.Text type="secondary">
            {storing ? t('upload.storing') : t('upload.sent', { share: percent(share), loaded: bytes(language, state.loaded), total: bytes(language, state.total) })}
          </Typography.Text>
          {!storing && state.speed > 0 && (
            <Typography.Text type="secondary">
              {t('upload.speed', { speed: bytes(language, state.speed) })}
              {left && ` · ${t('upload.left', { left })}`}
            </Typography.Text>
          )}
        </Flex>
      </Flex>
    </Card>
  )
}
