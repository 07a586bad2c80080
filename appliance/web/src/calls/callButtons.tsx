// SPDX-License-Identifier: Apache-2.0
// The verbs of a call. What is not possible now stays in its place and says why, to the mouse and to the keyboard.
import { Button, Tooltip } from '@patternfly/react-core';
import { PauseIcon, PhoneSlashIcon, PlayIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';

import { useEvents } from '../events/eventProvider';
import { verbs, type CallView, type Verb } from './callView';
import { useCommands } from './commands';

const icons: Record<Verb, React.ReactNode> = {
  hold: <PauseIcon />,
  retrieve: <PlayIcon />,
  drop: <PhoneSlashIcon />,
};

export function CallButtons({ view, party, compact }: { view: CallView; party: string; compact?: boolean }) {
  const shown = compact ? verbs.filter((verb) => view.refusals[verb] === undefined) : verbs;
  return (
    <div className="jf-call-buttons" role="group" aria-label={party}>
      {shown.map((verb) => (
        <VerbButton key={verb} view={view} verb={verb} compact={compact ?? false} />
      ))}
    </div>
  );
}

function VerbButton({ view, verb, compact }: { view: CallView; verb: Verb; compact: boolean }) {
  const { t } = useTranslation();
  const { pending, command } = useCommands();
  const { state } = useEvents();
  const busy = pending(view.id);
  const refusal = view.refusals[verb];
  const why =
    state !== 'connected'
      ? t('calls.offline')
      : refusal !== undefined
        ? t(refusal === '' ? `calls.notNow.${verb}` : `calls.why.${refusal}`)
        : undefined;
  const impossible = why !== undefined || busy !== undefined;
  const button = (
    <Button
      variant={verb === 'drop' ? 'danger' : 'secondary'}
      size={compact ? 'sm' : 'default'}
      icon={icons[verb]}
      isAriaDisabled={impossible}
      isLoading={busy === verb}
      spinnerAriaLabel={t(`calls.verbBusy.${verb}`)}
      onClick={() => command(view, verb)}
    >
      {t(`calls.verb.${verb}`)}
    </Button>
  );
  return why !== undefined && busy === undefined ? <Tooltip content={why}>{button}</Tooltip> : button;
}
