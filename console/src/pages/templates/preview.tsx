// The template beside its form, as somebody gets it: with values typed by hand, or as a chosen user would, by the server's word.
import { useQuery } from '@tanstack/react-query'
import { Alert, Flex, Form, Input, Typography } from 'antd'
import { useMemo } from 'react'
import { api, data } from '../../api/client'
import { useSpeech } from '../../i18n'
import { useSettled } from '../../ui/settled'
import { Failure } from '../../ui/states'
import { faults, pageOf } from './draft'
import { fill, fillPage, names, own, parts } from './fill'
import { refusal } from './limits'
import { Phone, type Shown } from './phone'
import { filledOf, type Wanted } from './read'
import { useFaults } from './say'

/** What somebody chose to see the message with. */
export type Sample = { user: string; values: Record<string, string> }

const someone = '12345' // where no user is chosen
const pause = 300 // milliseconds without a change until the server is asked

export const isUser = (s: string) => /^\d{1,20}$/.test(s) && BigInt(s) < 2n ** 64n

/** The chosen user's own values. */
export function useUser(biz: string, user: string) {
  const id = useSettled(user, pause)
  return useQuery({
    queryKey: ['users', biz, id, 'profile'],
    enabled: isUser(id),
    queryFn: ({ signal }) => data(api.GET('/v1/{biz}/users/{user}', { params: { path: { biz, user: id } }, signal })),
  })
}

/** What the server makes of it for the chosen user; its texts once they are about what stands here now. */
function useFilled(biz: string, template: Shown, sample: Sample) {
  const page = pageOf(template)
  const now = JSON.stringify({ id: template.id || 'draft', user: sample.user, data: template.data, page: faults.page(page) ? '' : page, variables: sample.values } satisfies Wanted)
  const settled = useSettled(now, pause)
  const asked = useMemo(() => JSON.parse(settled) as Wanted & Pick<Shown, 'data'>, [settled])
  const whole = Object.values(asked.data).every((text) => !parts(text).torn)
  const enabled = isUser(asked.user) && whole
  const query = useQuery({ ...filledOf(biz, asked), enabled })
  const about = now === settled && enabled && !query.isPlaceholderData
  const shown = enabled && isUser(sample.user)
  return { texts: about ? query.data?.data : undefined, page: about ? query.data?.page : undefined, missing: (shown && query.data?.missing) || [], error: shown ? query.error : null, again: () => void query.refetch() }
}

export function Preview({ biz, template, sample, change }: { biz: string; template: Shown; sample: Sample; change: (s: Sample) => void }) {
  const { t } = useSpeech()
  const user = useUser(biz, sample.user)
  const typed = Object.fromEntries(Object.entries(sample.values).filter(([, v]) => v !== ''))
  const answer = useFilled(biz, template, { user: sample.user, values: typed })
  const wrong = sample.user !== '' && !isUser(sample.user)
  const chosen = sample.user !== '' && !wrong
  const page = pageOf(template)
  const asked = names([...Object.values(template.data), page]).filter((n) => n !== 'user_id')
  const theirs = (chosen && user.data?.attributes) || {}
  const values = { ...theirs, ...typed, user_id: chosen ? sample.user : someone }
  const missing = answer.missing.filter((n) => own(values, n) === undefined)
  // What is missing stands out, which the server's text cannot say.
  const has = (text: string) => names([text]).every((n) => own(values, n) !== undefined)
  const filled = Object.fromEntries(Object.entries(answer.texts ?? {}).filter(([key]) => has(template.data[key] ?? '')))
  return (
    <Flex vertical gap={16}>
      <Form.Item layout="horizontal" label={t('templates.asUser')} htmlFor="preview-user" colon={false} validateStatus={wrong ? 'error' : undefined} help={wrong ? t('templates.userBad') : undefined} style={{ marginBottom: 0 }}>
        <Input id="preview-user" inputMode="numeric" allowClear placeholder={t('templates.userId')} value={sample.user} onChange={(e) => change({ ...sample, user: e.target.value.trim() })} />
      </Form.Item>
      <Over template={template} values={values} filled={filled} />
      {missing.length > 0 && <Alert type="warning" showIcon role="status" title={t('templates.missing', { user: sample.user, names: missing.join(', ') })} />}
      <Phone template={template} values={values} filled={filled} />
      {page && <Opens page={page} values={values} filled={answer.page} />}
      {template.channel === 'wechat' && <Typography.Text type="secondary">{t('templates.phoneNote')}</Typography.Text>}
      {answer.error && <Failure error={answer.error} retry={answer.again} />}
      {!answer.error && chosen && user.error && <Failure error={user.error} retry={() => void user.refetch()} />}
      {asked.length > 0 && (
        <Flex vertical gap={8}>
          <Typography.Text strong>{t('templates.values')}</Typography.Text>
          {asked.map((name) => (
            <Flex key={name} gap={8} align="center">
              <Typography.Text code ellipsis style={{ flex: '0 0 38%', minWidth: 0 }} title={name}>
                {name}
              </Typography.Text>
              <Input style={{ flex: 1, minWidth: 0 }} allowClear aria-label={t('templates.valueOf', { name })} placeholder={own(theirs, name)} value={sample.values[name] ?? ''}
                onChange={(e) => change({ ...sample, values: { ...sample.values, [name]: e.target.value } })} />
            </Flex>
          ))}
        </Flex>
      )}
    </Flex>
  )
}

/** The page that a tap opens. */
function Opens({ page, values, filled }: { page: string; values: Record<string, string>; filled?: string }) {
  const { t } = useSpeech()
  return (
    <Typography.Text>
      {t('templates.opens')} <Typography.Text code style={{ overflowWrap: 'anywhere' }}>{filled || fillPage(page, values)}</Typography.Text>
    </Typography.Text>
  )
}

/** What WeChat would refuse once the texts are filled in. Texts that lack a value, or that are at fault as they stand, are not told of. */
function Over({ template, values, filled }: { template: Shown; values: Record<string, string>; filled: Record<string, string> }) {
  const { say } = useFaults()
  const { t } = useSpeech()
  if (template.channel !== 'wechat') return null
  const lines = Object.entries(template.data).flatMap(([key, text]) => {
    const wanted = names([text])
    if (wanted.length === 0 || wanted.some((n) => own(values, n) === undefined) || refusal(key, text)) return []
    const bad = refusal(key, filled[key] ?? fill(text, values))
    return bad ? [`${key}: ${say(bad)}`] : []
  })
  if (lines.length === 0) return null
  return <Alert type="warning" showIcon role="status" title={t('templates.over')} description={lines.map((line) => <div key={line}>{line}</div>)} />
}
