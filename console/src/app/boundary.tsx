import { Component, type ReactNode } from 'react'
import { Failure } from '../ui/states'

/** Says so when a part of the console could not be loaded, and lets one try again. */
export class Boundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {}

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override render() {
    const { error } = this.state
    return error ? <Failure error={error} retry={() => window.location.reload()} /> : this.props.children
  }
}
