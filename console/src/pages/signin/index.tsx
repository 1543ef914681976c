import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Flex, Form, Input, theme } from 'antd'
import { ApiError, api, data } from '../../api/client'
import { tellOtherTabs } from '../../app/session'
import { useSpeech } from '../../i18n'
import { useSaid } from '../../ui/states'

export function SignIn() {
  const { t, language, speak } = useSpeech()
  const { token } = theme.useToken()
  const client = useQueryClient()
  const said = useSaid()
  const signIn = useMutation({
    mutationFn: (key: string) => data(api.POST('/v1/session', { body: { key: key.trim() } })),
    onSuccess: async (session) => {
      await client.cancelQueries({ queryKey: ['session'] }) // an answer under way is from before
      client.setQueryData(['session'], session)
      tellOtherTabs()
    },
  })
  const wrong = signIn.error instanceof ApiError && signIn.error.status === 401
  return (
    <Flex justify="center" align="center" style={{ minHeight: '100vh', padding: 16 }}>
      <main
        style={{
          boxSizing: 'border-box', width: '100%', maxWidth: 420, padding: 24,
          background: token.colorBgContainer, border: `1px solid ${token.colorBorderSecondary}`, borderRadius: token.borderRadiusLG,
        }}
      >
        <Flex vertical gap={16}>
          <Flex justify="space-between" align="center" gap={8}>
            <h1 style={{ fontSize: 22, lineHeight: 1.35, fontWeight: 600, margin: 0, color: token.colorTextHeading }}>{t('signin.title')}</h1>
            <Button lang={language === 'en' ? 'zh-CN' : 'en'} onClick={() => speak(language === 'en' ? 'zh' : 'en')}>
              {t('app.language')}
            </Button>
          </Flex>
          <Form layout="vertical" onFinish={({ key }: { key: string }) => signIn.mutate(key)} requiredMark={false}>
            <Form.Item name="key" label={t('signin.key')} extra={t('signin.help')} rules={[{ required: true, message: t('signin.key') }]}>
              <Input.Password autoFocus autoComplete="current-password" />
            </Form.Item>
            {signIn.error && (
              <Form.Item>
                <Alert type="error" role="alert" showIcon title={wrong ? t('signin.wrong') : said(signIn.error)} />
              </Form.Item>
            )}
            <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
              {t('signin.submit')}
            </Button>
          </Form>
        </Flex>
      </main>
    </Flex>
  )
}
