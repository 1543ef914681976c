import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Card, Flex, Form, Input, Typography } from 'antd'
import { ApiError, api, data } from '../../api/client'
import { useSpeech } from '../../i18n'

export function SignIn() {
  const { t, language, speak } = useSpeech()
  const client = useQueryClient()
  const signIn = useMutation({
    mutationFn: (key: string) => data(api.POST('/v1/session', { body: { key: key.trim() } })),
    onSuccess: (session) => client.setQueryData(['session'], session),
  })
  const wrong = signIn.error instanceof ApiError && signIn.error.status === 401
  return (
    <Flex justify="center" align="center" style={{ minHeight: '100vh', padding: 16 }}>
      <main style={{ width: '100%', maxWidth: 420 }}>
        <Card>
          <Flex vertical gap={16}>
            <Flex justify="space-between" align="center" gap={8}>
              <Typography.Title level={1} style={{ fontSize: 22, margin: 0 }}>
                {t('signin.title')}
              </Typography.Title>
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
                  <Alert type="error" role="alert" showIcon title={wrong ? t('signin.wrong') : signIn.error.message} />
                </Form.Item>
              )}
              <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
                {t('signin.submit')}
              </Button>
            </Form>
          </Flex>
        </Card>
      </main>
    </Flex>
  )
}
