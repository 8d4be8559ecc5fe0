import { kindLook } from "./kinds";

interface KindIconProps {
  kind: string;
  size?: number;
  /** With a tinted square behind it, as in headers. */
  boxed?: boolean;
}

export function KindIcon({ kind, size = 14, boxed }: KindIconProps) {
  const { family, icon: Icon, label } = kindLook(kind);
  const icon = <Icon size={size} strokeWidth={1.75} aria-hidden />;
  return (
    <span
      className={`kind-icon${boxed ? " boxed" : ""}`}
      data-family={family}
      title={label}
      role="img"
      aria-label={label}
    >
      {icon}
    </span>
  );
}

export function KindLabel({ kind }: { kind: string }) {
  const { family, label } = kindLook(kind);
  return (
    <span className="kind-label" data-family={family}>
      {label}
    </span>
  );
}
