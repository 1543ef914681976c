import { WarningOutlined } from '@ant-design/icons'
import { Space, theme } from 'antd'
import type { RuleObject } from 'antd/es/form'
import type { ReactNode } from 'react'
import { useSpeech } from '../../i18n'
import type { Fault } from './draft'
import { isKeyword } from './limits'

/** Faults in words. */
export function useFaults(): { say: (f: Fault) => string; hold: (check: (value: string) => Fault | undefined) => RuleObject } {
  const { t } = useSpeech()
  const say = (f: Fault) => {
    const keyword = 'keyword' in f ? (f.keyword ?? '') : ''
    return t(`templates.bad.${f.why}`, {
      keyword,
      n: ('n' in f && f.n) || 0,
      max: f.max ?? 0,
      rule: isKeyword(keyword) ? t(`templates.rule.${keyword}`) : '',
    })
  }
  return {
    say,
    hold: (check) => ({
      validator: (_, value?: string) => {
        const f = check(value ?? '')
        return f ? Promise.reject(new Error(say(f))) : Promise.resolve()
      },
    }),
  }
}

/** A line under a field that is no refusal. */
export function Doubtful({ children }: { children: ReactNode }) {
  const { token } = theme.useToken()
  return (
    <Space size={6} align="start">
      <WarningOutlined style={{ color: token.colorWarning }} aria-hidden="true" />
      <span>{children}</span>
    </Space>
  )
}
