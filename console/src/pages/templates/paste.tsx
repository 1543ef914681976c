import { Flex, Input, Modal, Typography } from 'antd'
import { useState } from 'react'
import { useSpeech } from '../../i18n'
import { keysIn } from './draft'

/** Takes the keywords out of what WeChat's console shows of a template. */
export function Paste({ use, close }: { use: (keys: string[]) => void; close: () => void }) {
  const { t } = useSpeech()
  const [text, setText] = useState('')
  const keys = keysIn(text)
  return (
    <Modal open destroyOnHidden title={t('templates.paste')} okText={t('templates.use')} okButtonProps={{ disabled: keys.length === 0 }} onOk={() => use(keys)} onCancel={close}>
      <Flex vertical gap={12}>
        <Typography.Text type="secondary">{t('templates.pasteHelp')}</Typography.Text>
        <Input.TextArea autoFocus aria-label={t('templates.paste')} value={text} onChange={(e) => setText(e.target.value)} spellCheck={false} autoSize={{ minRows: 5, maxRows: 12 }}
          placeholder={'活动名称\n{{thing1.DATA}}\n活动时间\n{{time2.DATA}}'} />
        <span role="status" style={{ overflowWrap: 'anywhere' }}>
          {keys.length ? t('templates.pasted', { keys: keys.join(', ') }) : t('templates.pastedNone')}
        </span>
      </Flex>
    </Modal>
  )
}
