export { useZone } from '../../api/lines'
