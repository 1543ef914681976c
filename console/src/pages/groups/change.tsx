import { App, Button, Flex, Input, Radio, Segmented, Typography } from 'antd'
import { useEffect, useRef, useState } from 'react'
import type { Group } from '../../api/client'
import { useSpeech } from '../../i18n'
import { UploadArea, UploadState, useUpload, type Way } from '../../ui/upload'
import { take } from './handoff'
import { itemsOf, leftOf } from './pasted'

const modes = ['add', 'remove', 'replace'] as const
type Mode = (typeof modes)[number]

/** Adds, removes or replaces members, by a file of any size or by what is pasted. */
export function ChangeMembers({ biz, g, done }: { biz: string; g: Group; done: () => void }) {
  const { t, number } = useSpeech()
  const { modal } = App.useApp()
  const id = String(g.id)
  const phones = g.identity === 'phone'
  const [mode, setMode] = useState<Mode>('add')
  const [by, setBy] = useState<'file' | 'hand'>('file')
  const [text, setText] = useState('')
  const [whole, setWhole] = useState(false) // all of it was left after an upload, not only what was refused
  const pasted = useRef<string[]>(undefined) // what is on its way, one per line
  const upload = useUpload((sent) => {
    if (pasted.current) {
      const left = leftOf(pasted.current, sent)
      setText(left.text)
      setWhole(left.all)
    }
    done()
  })
  const way = wayOf(biz, id, mode)
  const [first] = useState(() => take(id))
  useEffect(() => {
    if (!first) return
    const now = setTimeout(() => upload.start(first, wayOf(biz, id, 'add')))
    return () => clearTimeout(now)
  }, [])
  const ask = async (file: { name: string }): Promise<boolean> => {
    if (mode !== 'replace' || String(g.count) === '0') return true
    return modal.confirm({
      title: t('groups.replaceAsk', { n: number(String(g.count)) }), content: <span style={{ overflowWrap: 'anywhere' }}>{t('groups.replaceWhy', { file: file.name })}</span>,
      okText: t('groups.replaceYes'), cancelText: t('groups.cancel'), okButtonProps: { danger: true },
    })
  }
  const items = itemsOf(text, phones)
  const sendPasted = async () => {
    const file = new File([items.join('\n')], t('groups.pastedFile'), { type: 'text/plain' })
    if (!(await ask(file))) return
    pasted.current = items
    upload.start(file, way)
  }
  const column = phones ? 'phone' : 'user_id'
  return (
    <Flex vertical gap={16} style={{ maxWidth: 860 }}>
      <Flex vertical gap={6}>
        <Radio.Group aria-label={t('groups.mode')} optionType="button" buttonStyle="solid" value={mode} disabled={upload.busy}
          onChange={(e) => setMode(e.target.value as Mode)} options={modes.map((m) => ({ value: m, label: t(`groups.mode.${m}`) }))} />
        <Typography.Text type="secondary">{t(`groups.mode.${mode}What`)}</Typography.Text>
      </Flex>
      <Segmented value={by} onChange={setBy} disabled={upload.busy} style={{ alignSelf: 'flex-start' }}
        options={[{ value: 'file', label: t('groups.byFile') }, { value: 'hand', label: t('groups.byHand') }]} />
      {by === 'file' ? (
        <UploadArea upload={upload} way={way} ask={async (file) => (pasted.current = undefined, ask(file))} label={t('groups.upload')} hint={t('groups.drop', { what: t(phones ? 'groups.phone' : 'groups.user').toLowerCase(), column })} />
      ) : (
        <Flex vertical gap={8}>
          <Input.TextArea aria-label={t('groups.paste')} placeholder={t('groups.paste')} autoSize={{ minRows: 6, maxRows: 16 }} value={text} disabled={upload.busy} onChange={(e) => setText(e.target.value)} />
          <Flex gap={12} align="center" justify="space-between" wrap>
            <Typography.Text type="secondary">{t('groups.pasted', { n: number(items.length) })}</Typography.Text>
            <Button type="primary" danger={mode !== 'add'} disabled={items.length === 0} loading={upload.busy} onClick={() => void sendPasted()}>{t(`groups.mode.${mode}`)}</Button>
          </Flex>
        </Flex>
      )}
      <UploadState upload={upload} after={<After upload={upload} phones={phones} left={by === 'hand' && items.length > 0 && (whole ? 'groups.leftWhole' : 'groups.leftOver')} />} />
    </Flex>
  )
}

function wayOf(biz: string, id: string, mode: Mode): Way {
  const url = `/v1/${encodeURIComponent(biz)}/groups/${id}/members`
  return { biz, url, method: mode === 'remove' ? 'DELETE' : 'POST', query: mode === 'replace' ? { mode } : {} }
}

/** What the group holds after an upload. */
function After({ upload, phones, left }: { upload: ReturnType<typeof useUpload>; phones: boolean; left: false | 'groups.leftOver' | 'groups.leftWhole' }) {
  const { t, number } = useSpeech()
  if (upload.state.at !== 'done') return null
  const count = upload.state.sent.group?.count
  const text = phones ? t('groups.resolving') : count === undefined ? '' : t('groups.nowHas', { n: number(String(count)) })
  return (
    <>
      {text && <div>{text}</div>}
      {left && <div>{t(left)}</div>}
    </>
  )
}
