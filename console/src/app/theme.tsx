// Light and dark, as the system says until somebody chooses.
import { App as AntApp, ConfigProvider, theme } from 'antd'
import enUS from 'antd/es/locale/en_US'
import zhCN from 'antd/es/locale/zh_CN'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { useSpeech } from '../i18n'
import { nonce } from './nonce'

const Context = createContext<{ dark: boolean; toggle: () => void }>({ dark: false, toggle: () => {} })

export const useTheme = () => useContext(Context)

export function Themed({ children }: { children: ReactNode }) {
  const { language } = useSpeech()
  const [dark, setDark] = useState(() => {
    const kept = localStorage.getItem('theme')
    return kept ? kept === 'dark' : window.matchMedia('(prefers-color-scheme: dark)').matches
  })
  useEffect(() => {
    document.documentElement.style.colorScheme = dark ? 'dark' : 'light'
  }, [dark])
  const toggle = () =>
    setDark((was) => {
      localStorage.setItem('theme', was ? 'light' : 'dark')
      return !was
    })
  return (
    <Context value={{ dark, toggle }}>
      <ConfigProvider
        csp={{ nonce }}
        button={{ autoInsertSpace: false }}
        locale={language === 'zh' ? zhCN : enUS}
        theme={{
          algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
          // Ant Design's own greys, and its colours of states as text, are below the contrast that WCAG AA asks for.
          components: dark
            ? {
                Button: { dangerColor: '#2a0b0b' }, // on the light red of the dark theme
                Menu: { itemSelectedColor: '#b5d0ff', itemSelectedBg: '#1c2f52' },
                Dropdown: { colorPrimary: '#b5d0ff', controlItemBgActive: '#1c2f52', controlItemBgActiveHover: '#24406f' },
                Tabs: { itemSelectedColor: '#7db0ff', itemHoverColor: '#a9caff', inkBarColor: '#7db0ff' },
              }
            : {},
          token: {
            colorPrimary: dark ? '#2f6fe8' : '#1554d1',
            colorPrimaryHover: dark ? '#3269d2' : '#0f48b8',
            colorTextSecondary: dark ? '#b8bcc4' : '#4b5563',
            colorTextDescription: dark ? '#b8bcc4' : '#4b5563',
            colorTextPlaceholder: dark ? '#9aa0ab' : '#5f6773',
            colorSuccess: dark ? '#5fd27c' : '#17713a',
            colorWarning: dark ? '#e8b339' : '#8a5800',
            colorError: dark ? '#ff8078' : '#c4232b',
            colorErrorHover: dark ? '#ff9b94' : '#b01f27',
            colorErrorActive: dark ? '#f26d65' : '#9e1520',
            colorInfo: dark ? '#7db0ff' : '#1554d1',
            colorSuccessBg: dark ? '#10301c' : '#e9f7ee',
            colorWarningBg: dark ? '#33270a' : '#fff6e0',
            colorErrorBg: dark ? '#3a1618' : '#fdeded',
            colorInfoBg: dark ? '#13233f' : '#eaf1fd',
            colorLink: dark ? '#7db0ff' : '#1554d1',
            borderRadius: 6,
            motion: false, // in a tab that is not seen movements do not end: its buttons would keep their spinners
          },
        }}
      >
        <AntApp>{children}</AntApp>
      </ConfigProvider>
    </Context>
  )
}
