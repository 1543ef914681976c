// What a campaign's message looks like to somebody who gets it.
import { useQuery } from '@tanstack/react-query'
import { Alert, Flex, Typography } from 'antd'
import { useMemo } from 'react'
import { useSpeech } from '../../i18n'
import { useSettled } from '../../ui/settled'
import { Failure, Loading } from '../../ui/states'
import { useSample } from '../segments/counts'
import { text } from '../segments/grammar'
import { read } from '../segments/read'
import { Phone } from '../templates/phone'
import { filledOf, useTemplate } from '../templates/read'

type Props = { biz: string; template: string; variables: Readonly<Record<string, string>>; /** Whoever gets it; the message is then shown to one of them. */ where?: string }

/** Values that are filled in; what is left empty is each user's own. */
export function given(variables: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).flatMap(([k, v]) => (v ? [[k, v]] : [])))
}

export function Message({ biz, template, variables, where = '' }: Props) {
  const { t } = useSpeech()
  const body = useTemplate(biz, template)
  const asked = useSettled(where)
  const tree = useMemo(() => read(asked).tree, [asked])
  const user = useSample(biz, tree ? text(tree) : '', 1).data?.users?.[0]
  const values = useSettled(JSON.stringify(variables))
  const seen = useQuery({ ...filledOf(biz, { id: template, user: String(user), variables: JSON.parse(values) as typeof variables }), enabled: user !== undefined && template !== '' })
  if (body.error) return <Failure error={body.error} retry={() => void body.refetch()} />
  if (!body.data) return <Loading />
  const id = String(user)
  const lacks = seen.data?.missing ?? []
  return (
    <Flex vertical gap={12}>
      {lacks.length > 0 && <Alert type="warning" showIcon title={t('campaigns.lacks', { id, names: lacks.join(', ') })} />}
      <Phone template={body.data} values={variables} filled={user === undefined ? undefined : seen.data?.data} />
      {user !== undefined && seen.data && (
        <Typography.Text type="secondary" style={{ textAlign: 'center' }}>
          {t('campaigns.seenBy', { id })}
        </Typography.Text>
      )}
    </Flex>
  )
}
