import { CopyOutlined } from '@ant-design/icons'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Flex, Form, Input, Radio, Select, Typography } from 'antd'
import { api, data, type NewKeyBody } from '../../api/client'
import { useLines } from '../../api/lines'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Dialog, useFocusBack } from '../../ui/dialog'
import { useGate } from '../../ui/gate'
import { useOnce } from '../../ui/once'
import { Failure } from '../../ui/states'
import { atField } from './fields'

const names = ['name', 'biz', 'role'] as const

type Props = { /** Hidden while a key is being made, it comes back with the key: that is shown only once. */ shown: boolean; hide: () => void; show: () => void; close: () => void }

/** Makes a key and shows it, once. */
export function NewKey({ shown, hide, show, close }: Props) {
  const { t } = useSpeech()
  const { biz: scope } = useSession()
  const here = useBiz()
  const client = useQueryClient()
  const gate = useGate()
  useFocusBack() // after whichever of its two dialogs is the last
  const once = useOnce() // one form makes one key, however often it is sent
  const [form] = Form.useForm<NewKeyBody>()
  const lines = useLines()
  const make = useMutation({
    mutationFn: (body: NewKeyBody) => data(api.POST('/v1/keys', { params: { header: once.header(body) }, body })),
    onSettled: () => void client.invalidateQueries({ queryKey: ['keys'] }), // it may be made although the answer was lost
    onError: (e) => {
      once.failed(e)
      show()
      form.setFields(atField(e, names))
    },
  })
  if (make.data?.key) return <Made secret={make.data.key} name={make.data.name} close={close} />
  const scopes = [
    ...(scope === '*' ? [{ value: '*', label: t('operations.allLines') }] : []),
    ...(lines.data?.items ?? []).map((l) => ({ value: l.biz, label: l.name ? `${l.name} (${l.biz})` : l.biz })),
  ]
  return (
    <Dialog open={shown} title={t('operations.keyNew')} okText={t('operations.keyMake')} cancelText={t('operations.cancel')} onCancel={make.isPending ? hide : close} onOk={form.submit} busy={make.isPending} destroyOnHidden={false}>
      <Form<NewKeyBody> form={form} layout="vertical" initialValues={{ biz: here, role: 'viewer' }} onFinish={(f) => gate(() => make.mutateAsync(f))} requiredMark={false}>
        <Form.Item name="name" label={t('operations.name')} extra={t('operations.keyNameHelp')} rules={[{ required: true, whitespace: true, message: t('operations.required') }]}>
          <Input maxLength={200} autoFocus autoComplete="off" onPressEnter={form.submit} />
        </Form.Item>
        <Form.Item name="biz" label={t('operations.for')}>
          <Select options={scopes} showSearch={{ optionFilterProp: 'label' }} />
        </Form.Item>
        <Form.Item name="role" label={t('operations.role')}>
          <Radio.Group
            vertical
            options={[
              { value: 'viewer', label: t('operations.roleViewer') },
              { value: 'operator', label: t('operations.roleOperator') },
              { value: 'admin', label: t('operations.roleAdmin') },
            ]}
          />
        </Form.Item>
        {make.error && atField(make.error, names).length === 0 && <Failure error={make.error} />}
      </Form>
    </Dialog>
  )
}

function Made({ secret, name, close }: { secret: string; name: string; close: () => void }) {
  const { t } = useSpeech()
  const { message } = App.useApp()
  const copy = () =>
    navigator.clipboard?.writeText(secret).then(
      () => message.success(t('operations.copied')),
      () => message.error(t('operations.copyFailed')),
    ) ?? message.error(t('operations.copyFailed')) // there is no clipboard where the page came without TLS
  return (
    <Dialog title={t('operations.keyDone')} closable={false} mask={{ closable: false }} keyboard={false} footer={<Button type="primary" onClick={close}>{t('operations.keyKept')}</Button>}>
      <Flex vertical gap={12}>
        <Alert type="warning" showIcon title={t('operations.keyOnce')} />
        <Typography.Text strong style={{ overflowWrap: 'anywhere' }}>{name}</Typography.Text>
        <Flex gap={8} align="start">
          <Input.TextArea readOnly autoSize value={secret} aria-label={t('operations.key')} onFocus={(e) => e.target.select()} style={{ fontFamily: 'monospace' }} />
          <Button icon={<CopyOutlined />} onClick={() => void copy()}>
            {t('operations.copy')}
          </Button>
        </Flex>
      </Flex>
    </Dialog>
  )
}
