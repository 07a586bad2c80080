// SPDX-License-Identifier: Apache-2.0
// The state of the event stream in the masthead.
import { Label, Tooltip } from '@patternfly/react-core';
import { CheckCircleIcon, ExclamationTriangleIcon, InProgressIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';

import type { StreamState } from '../events/eventStream';
import { useEvents } from '../events/eventProvider';

const looks = {
  connected: { color: 'green', icon: <CheckCircleIcon /> },
  connecting: { color: 'grey', icon: <InProgressIcon /> },
  waiting: { color: 'orange', icon: <ExclamationTriangleIcon /> },
  stopped: { color: 'grey', icon: <ExclamationTriangleIcon /> },
} as const satisfies Record<StreamState, object>;

export function ConnectionState() {
  const { t } = useTranslation();
  const { state } = useEvents();
  const { color, icon } = looks[state];
  return (
    <Tooltip content={t(state === 'connected' ? 'stream.connectedHelp' : 'stream.waitingHelp')}>
      <span role="status" data-state={state} className="jf-connection">
        <Label isCompact variant="outline" color={color} icon={icon}>
          {t(`stream.${state}`)}
        </Label>
      </span>
    </Tooltip>
  );
}
