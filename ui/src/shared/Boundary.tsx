import { Component, type ReactNode } from "react";
import { ErrorPanel } from "./Panel";

interface BoundaryProps {
  /** What stops working when this part fails: "The lineage could not be drawn". */
  what: string;
  children: ReactNode;
}

/** Keeps the failure of one part from taking the page with it. */
export class Boundary extends Component<BoundaryProps, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return <ErrorPanel what={this.props.what} error={error} onRetry={() => this.setState({ error: null })} />;
  }
}
