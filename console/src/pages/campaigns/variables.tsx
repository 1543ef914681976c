// What a template leaves open: the campaign says it for everybody, or each user's own attribute fills it.
import { Form, Input, Typography } from 'antd'
import { useSpeech } from '../../i18n'
import { names } from '../templates/fill'
import { useTemplate } from '../templates/read'

/** The names that a template asks for, but for what every user has. */
export function asked(template: { data: Record<string, string>; page?: string; url?: string }): string[] {
  return names([...Object.values(template.data ?? {}), template.page ?? '', template.url ?? '']).filter((n) => n !== 'user_id')
}

export function Variables({ biz, template }: { biz: string; template: string }) {
  const { t } = useSpeech()
  const body = useTemplate(biz, template)
  const open = body.data ? asked(body.data) : []
  if (open.length === 0) return null
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0, minInlineSize: 'auto' }}>
      <legend style={{ padding: 0, marginBottom: 4, border: 0, fontSize: 'inherit', lineHeight: 'inherit', color: 'inherit', fontWeight: 600 }}>{t('campaigns.variables')}</legend>
      <Typography.Paragraph type="secondary">{t('campaigns.variablesHelp')}</Typography.Paragraph>
      {open.map((name) => (
        <Form.Item key={name} name={['variables', name]} label={<code style={{ overflowWrap: 'anywhere' }}>{`{{${name}}}`}</code>}>
          <Input maxLength={1000} autoComplete="off" placeholder={t('campaigns.fromUser')} />
        </Form.Item>
      ))}
    </fieldset>
  )
}
