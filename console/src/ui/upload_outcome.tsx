// What became of a file: how many rows were taken, and which were refused and why.
import { DownloadOutlined } from '@ant-design/icons'
import { Alert, Button, Flex, Table } from 'antd'
import type { ReactNode } from 'react'
import type { Rejection } from '../api/client'
import { useSpeech } from '../i18n'
import { csv, save } from './save'
import { Scrolls } from './scrolls'
import type { Sent } from './upload_send'

const shown = 8 // refused rows on one page

export function Outcome({ sent, file, close, children }: { sent: Sent; file: string; close: () => void; children?: ReactNode }) {
  const { t, number } = useSpeech()
  const refused = String(sent.rejected_count)
  const rows = sent.rejected ?? []
  const all = BigInt(refused) === BigInt(rows.length)
  const type = refused === '0' ? 'success' : String(sent.accepted) === '0' ? 'error' : 'warning'
  return (
    <Flex vertical gap={8} role="status">
      <Alert type={type} showIcon closable={{ onClose: close, 'aria-label': t('upload.close') }}
        title={refused === '0' ? t('upload.done', { n: number(String(sent.accepted)) }) : t('upload.some', { n: number(String(sent.accepted)), bad: number(refused), all: number(String(sent.rows)) })}
        description={<span style={{ overflowWrap: 'anywhere' }}>{file}{children}</span>} />
      {rows.length > 0 && (
        <div>
          <Flex justify="space-between" align="center" wrap gap={8} style={{ marginBottom: 8 }}>
            <span>{all ? t('upload.refused') : t('upload.firstRefused', { n: number(rows.length), all: number(refused) })}</span>
            <Button size="small" icon={<DownloadOutlined />} onClick={() => save(`${file}.refused.csv`, refusals(rows))}>{t('upload.saveRefused')}</Button>
          </Flex>
          <Scrolls label={t('upload.refused')} width={480}>
            <Table<Rejection & { at: number }>
              size="small" rowKey="at" dataSource={rows.map((r, at) => ({ ...r, at }))}
              pagination={rows.length > shown ? { pageSize: shown, showSizeChanger: false, size: 'small', placement: ['bottomStart'] } : false}
              columns={[
                { title: t('upload.line'), width: 110, align: 'right', render: (_, r) => number(String(r.line)) },
                { title: t('upload.field'), width: 140, render: (_, r) => (r.field ? <code>{r.field}</code> : '') },
                { title: t('upload.reason'), render: (_, r) => r.reason },
              ]}
            />
          </Scrolls>
        </div>
      )}
    </Flex>
  )
}

/** The refused rows, to mend them in the file. */
function refusals(rows: Rejection[]): string {
  return csv([['line', 'field', 'reason'], ...rows.map((r) => [String(r.line), r.field ?? '', r.reason])])
}
