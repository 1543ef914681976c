import { InboxOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Flex, Progress, Upload } from 'antd'
import { useRef, useState } from 'react'
import { useSpeech } from '../../i18n'
import { Failure } from '../../ui/states'

type Taken = { accepted: number; rejected: { line: number; field: string; reason: string }[]; rows: number }

/** Sends a file as it is, however large; the browser streams it from the disk. */
function send(url: string, file: File, progress: (share: number) => void): { done: Promise<Taken>; cancel: () => void } {
  const request = new XMLHttpRequest()
  const done = new Promise<Taken>((resolve, reject) => {
    request.open('POST', url)
    request.setRequestHeader('X-Muster-Console', '1')
    request.setRequestHeader('Idempotency-Key', crypto.randomUUID())
    request.setRequestHeader('Content-Type', /\.csv(\.|$)/i.test(file.name) ? 'text/csv' : /json/i.test(file.name) ? 'application/x-ndjson' : 'text/plain')
    if (/\.gz$/i.test(file.name)) request.setRequestHeader('Content-Encoding', 'gzip')
    if (/\.zst$/i.test(file.name)) request.setRequestHeader('Content-Encoding', 'zstd')
    request.upload.onprogress = (e) => progress(e.total ? e.loaded / e.total : 0)
    request.onload = () => {
      const body = JSON.parse(request.responseText || '{}') as Taken & { detail?: string; title?: string }
      if (request.status < 300) resolve(body)
      else reject(new Error(body.detail ?? body.title ?? `HTTP ${request.status}`))
    }
    request.onerror = () => reject(new Error('network'))
    request.onabort = () => reject(new DOMException('cancelled', 'AbortError'))
    request.send(file)
  })
  return { done, cancel: () => request.abort() }
}

export function AddMembers({ biz, id }: { biz: string; id: string }) {
  const { t, number } = useSpeech()
  const client = useQueryClient()
  const running = useRef<() => void>(undefined)
  const [share, setShare] = useState<number>()
  const [taken, setTaken] = useState<Taken>()
  const [error, setError] = useState<Error>()
  const start = async (file: File) => {
    setError(undefined)
    setTaken(undefined)
    setShare(0)
    const { done, cancel } = send(`/v1/${encodeURIComponent(biz)}/groups/${id}/members?wait=60s`, file, setShare)
    running.current = cancel
    try {
      setTaken(await done)
      await client.invalidateQueries({ queryKey: ['groups', biz] })
    } catch (e) {
      if (!(e instanceof DOMException)) setError(e as Error)
    } finally {
      setShare(undefined)
    }
  }
  return (
    <Flex vertical gap={12}>
      <Upload.Dragger showUploadList={false} disabled={share !== undefined} beforeUpload={(file) => (void start(file), false)}>
        <p>
          <InboxOutlined style={{ fontSize: 32 }} />
        </p>
        <p>{t('groups.drop')}</p>
      </Upload.Dragger>
      {share !== undefined && (
        <Flex gap={8} align="center">
          <Progress percent={Math.floor(share * 100)} aria-label={t('groups.upload')} />
          <Button onClick={() => running.current?.()}>{t('groups.cancel')}</Button>
        </Flex>
      )}
      {taken?.accepted !== undefined && (
        <Alert type={taken.rejected?.length ? 'warning' : 'success'} role="status" showIcon
          title={t('groups.uploaded', { n: number(taken.accepted), bad: number(taken.rows - taken.accepted) })}
          description={taken.rejected?.slice(0, 20).map((r) => <div key={`${r.line} ${r.field}`}>{`${r.line}: ${r.field} ${r.reason}`}</div>)} />
      )}
      {error && <Failure error={error} />}
    </Flex>
  )
}
