import { Button, Flex, Input, Space, Typography } from 'antd'
import { useState } from 'react'
import { useSpeech } from '../../i18n'
import { isName } from './fill'

/** Names that can be filled in; a click puts one where one writes. */
export function Variables({ known, insert }: { known: readonly string[]; insert: (name: string) => void }) {
  const { t } = useSpeech()
  const [own, setOwn] = useState('')
  const names = [...new Set(['user_id', ...known])].slice(0, 40)
  const put = () => {
    if (!isName(own)) return
    insert(own)
    setOwn('')
  }
  return (
    <Flex vertical gap={8}>
      <Typography.Text strong>{t('templates.variables')}</Typography.Text>
      <Typography.Text type="secondary">{t('templates.variablesHelp')}</Typography.Text>
      <Flex gap={8} wrap>
        {names.map((name) => (
          <Button key={name} type="dashed" size="small" aria-label={t('templates.insert', { name })} title={name} style={{ maxWidth: '100%' }}
            onMouseDown={(e) => e.preventDefault() /* the text keeps its caret */} onClick={() => insert(name)}>
            <span style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>{`{{${name}}}`}</span>
          </Button>
        ))}
      </Flex>
      <Space.Compact style={{ maxWidth: 360 }}>
        <Input value={own} onChange={(e) => setOwn(e.target.value.trim())} aria-label={t('templates.variableName')} placeholder={t('templates.variableName')} status={own === '' || isName(own) ? undefined : 'error'}
          spellCheck={false}
          onPressEnter={(e) => {
            e.preventDefault()
            put()
          }} />
        <Button disabled={!isName(own)} onClick={put}>
          {t('templates.variableAdd')}
        </Button>
      </Space.Compact>
    </Flex>
  )
}
