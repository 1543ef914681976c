import { CloseCircleFilled } from '@ant-design/icons'
import { Flex, Typography, theme } from 'antd'

/** What is wrong with a field, below it: marked by colour, said in a colour that can be read. calm: nobody is interrupted by it. */
export function Fault({ text, calm = false }: { text: string; calm?: boolean }) {
  const { token } = theme.useToken()
  return (
    <Flex role={calm ? 'status' : 'alert'} gap={6} align="baseline">
      <CloseCircleFilled style={{ color: token.colorError }} aria-hidden="true" />
      <Typography.Text style={{ overflowWrap: 'anywhere', minWidth: 0 }}>{text}</Typography.Text>
    </Flex>
  )
}
