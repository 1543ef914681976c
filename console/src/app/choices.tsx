// Language, theme, and who is signed in.
import { GlobalOutlined, LogoutOutlined, MoonOutlined, SunOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { App, Button, Flex, Tooltip, Typography } from 'antd'
import { api } from '../api/client'
import { useSpeech } from '../i18n'
import { useSaid } from '../ui/states'
import type { Role } from './page'
import { tellOtherTabs, useSession } from './session'
import { useTheme } from './theme'

export function Choices({ wide }: { wide: boolean }) {
  const { t, language, speak } = useSpeech()
  const { dark, toggle } = useTheme()
  const { name, role } = useSession()
  const { message } = App.useApp()
  const said = useSaid()
  const out = useMutation({
    mutationFn: () => api.DELETE('/v1/session'),
    onSuccess: () => {
      tellOtherTabs()
      window.location.assign('/') // and with the page goes all that it holds
    },
    onError: (e) => void message.error(t('app.stillIn', { why: said(e) })),
  })
  const mode = t(dark ? 'app.light' : 'app.dark')
  return (
    <Flex gap={8} align="center">
      {wide && (
        <Typography.Text type="secondary" ellipsis style={{ maxWidth: 240 }} title={name}>
          {name || t(`app.${role as Role}`)}
        </Typography.Text>
      )}
      <Button icon={wide && <GlobalOutlined />} lang={language === 'en' ? 'zh-CN' : 'en'} aria-label={t('app.language')} onClick={() => speak(language === 'en' ? 'zh' : 'en')}>
        {wide ? t('app.language') : t('app.languageShort')}
      </Button>
      <Tooltip title={mode}>
        <Button icon={dark ? <SunOutlined /> : <MoonOutlined />} aria-label={mode} onClick={toggle} />
      </Tooltip>
      <Tooltip title={t('app.signOut')}>
        <Button icon={<LogoutOutlined />} aria-label={t('app.signOut')} loading={out.isPending} onClick={() => out.mutate()} />
      </Tooltip>
    </Flex>
  )
}
