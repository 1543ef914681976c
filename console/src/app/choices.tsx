// Language, theme, and who is signed in.
import { GlobalOutlined, LogoutOutlined, MoonOutlined, SunOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { App, Button, Flex, Tooltip, Typography } from 'antd'
import { api } from '../api/client'
import { useSpeech } from '../i18n'
import { asks, letGo } from '../ui/guards'
import { useSaid } from '../ui/states'
import type { Role } from './page'
import { tellOtherTabs, useSession } from './session'
import { useTheme } from './theme'

export function Choices({ wide }: { wide: boolean }) {
  const { t, language, speak } = useSpeech()
  const { dark, toggle } = useTheme()
  const { name, role } = useSession()
  const { message, modal } = App.useApp()
  const said = useSaid()
  const out = useMutation({
    mutationFn: () => api.DELETE('/v1/session'),
    onSuccess: () => {
      letGo() // it was asked about before
      tellOtherTabs()
      window.location.assign('/') // and with the page goes all that it holds
    },
    onError: (e) => void message.error(t('app.stillIn', { why: said(e) })),
  })
  // Who stays stays signed in: what would be lost is asked about before the session ends.
  const leave = () => {
    const words = asks()
    if (!words) return out.mutate()
    void modal.confirm({
      title: t(words.title), content: t(words.text), okText: t(words.leave), cancelText: t(words.stay), okButtonProps: { danger: true }, onOk: () => out.mutate(),
    })
  }
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
        <Button icon={<LogoutOutlined />} aria-label={t('app.signOut')} loading={out.isPending} onClick={leave} />
      </Tooltip>
    </Flex>
  )
}
