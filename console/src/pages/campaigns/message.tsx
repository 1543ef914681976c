// What a campaign's message looks like to somebody who gets it.
import { useQuery } from '@tanstack/react-query'
import { Alert, Flex, Typography } from 'antd'
import { api, data } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Failure, Loading } from '../../ui/states'
import { Phone } from '../templates/phone'

type Props = { biz: string; template: string; variables: Readonly<Record<string, string>>; /** Whoever gets it; the message is then shown to one of them. */ where?: string }

export function useTemplate(biz: string, id: string) {
  return useQuery({ queryKey: ['templates', biz, id], enabled: id !== '', queryFn: () => data(api.GET('/v1/{biz}/templates/{id}', { params: { path: { biz, id } } })) })
}

/** Values that are filled in; what is left empty is each user's own. */
export function given(variables: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).flatMap(([k, v]) => (v ? [[k, v]] : [])))
}

export function Message({ biz, template, variables, where = '' }: Props) {
  const { t } = useSpeech()
  const body = useTemplate(biz, template)
  const sample = useQuery({
    queryKey: ['sample', biz, where],
    enabled: where !== '',
    queryFn: () => data(api.POST('/v1/{biz}/segments:sample', { params: { path: { biz }, query: { limit: 1 } }, body: { where } })),
    retry: false,
  })
  const user = sample.data?.users?.[0]
  const seen = useQuery({
    queryKey: ['templates', biz, template, 'preview', String(user), variables],
    enabled: user !== undefined && template !== '',
    placeholderData: (before) => before,
    queryFn: () => data(api.POST('/v1/{biz}/templates/{id}:preview', { params: { path: { biz, id: template } }, body: { user_id: user, variables } })),
    retry: false,
  })
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
