// SPDX-License-Identifier: Apache-2.0
// The sign of Jackfield: four jacks of a panel, two of them joined by a patch cord. Its colours follow the theme.

export function Logo({ size }: { size: number }) {
  return (
    <svg
      className="jf-logo"
      width={size}
      height={size}
      viewBox="0 0 32 32"
      aria-hidden="true"
      focusable="false"
    >
      <rect className="jf-logo-panel" width="32" height="32" rx="7" />
      <path className="jf-logo-cord" d="M9.5 9.5v3.2C9.5 19 22.5 13 22.5 19.3v3.2" />
      <g className="jf-logo-jacks">
        <circle cx="9.5" cy="9.5" r="3.6" />
        <circle cx="22.5" cy="9.5" r="3.6" />
        <circle cx="9.5" cy="22.5" r="3.6" />
        <circle cx="22.5" cy="22.5" r="3.6" />
      </g>
      <g className="jf-logo-plugs">
        <circle cx="9.5" cy="9.5" r="1.7" />
        <circle cx="22.5" cy="22.5" r="1.7" />
      </g>
    </svg>
  );
}
