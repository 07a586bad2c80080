// SPDX-License-Identifier: Apache-2.0
// The verbs of a call. What is not possible now stays in its place and says why, to the mouse and to the keyboard.
import { Button, Tooltip } from '@patternfly/react-core';
import {
  ArrowRightIcon,
  PauseIcon,
  PhoneIcon,
  PhoneSlashIcon,
  PlayIcon,
  ShareIcon,
} from '@patternfly/react-icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useEvents } from '../events/eventProvider';
import { verbs, type CallView, type Verb } from './callView';
import { useCommands, type SendingVerb } from './commands';
import { SendDialog } from './sendDialog';

const icons: Record<Verb, React.ReactNode> = {
  answer: <PhoneIcon />,
  deflect: <ArrowRightIcon />,
  hold: <PauseIcon />,
  retrieve: <PlayIcon />,
  transfer: <ShareIcon />,
  drop: <PhoneSlashIcon />,
};

function sends(verb: Verb): verb is SendingVerb {
  return verb === 'deflect' || verb === 'transfer';
}

export function CallButtons({ view, party, compact }: { view: CallView; party: string; compact?: boolean }) {
  const [sending, setSending] = useState<SendingVerb>();
  const rings = view.stage === 'incoming' || view.stage === 'pickUp';
  const shown = verbs.filter((verb) => {
    if (compact) return !sends(verb) && view.refusals[verb] === undefined;
    if (verb === 'answer') return rings;
    return verb !== 'deflect' || view.refusals.deflect === undefined;
  });
  return (
    <div className="jf-call-buttons" role="group" aria-label={party}>
      {shown.map((verb) => (
        <VerbButton key={verb} view={view} verb={verb} compact={compact ?? false} onSend={setSending} />
      ))}
      {sending && (
        <SendDialog verb={sending} view={view} party={party} onClose={() => setSending(undefined)} />
      )}
    </div>
  );
}

function VerbButton({
  view,
  verb,
  compact,
  onSend,
}: {
  view: CallView;
  verb: Verb;
  compact: boolean;
  onSend: (verb: SendingVerb) => void;
}) {
  const { t } = useTranslation();
  const { pending, command } = useCommands();
  const { state } = useEvents();
  const busy = pending(view.id);
  const refusal = view.refusals[verb];
  const why =
    state !== 'connected'
      ? t('calls.offline')
      : refusal !== undefined
        ? refusal === ''
          ? t(`calls.notNow.${verb}`)
          : t(`calls.why.${refusal}`)
        : undefined;
  const impossible = why !== undefined || busy !== undefined;
  const button = (
    <Button
      variant={verb === 'drop' ? 'danger' : verb === 'answer' ? 'primary' : 'secondary'}
      size={compact ? 'sm' : 'default'}
      icon={icons[verb]}
      isAriaDisabled={impossible}
      isLoading={busy === verb}
      spinnerAriaLabel={t(`calls.verbBusy.${verb}`)}
      onClick={() => (sends(verb) ? onSend(verb) : command(view, verb))}
    >
      {t(`calls.verb.${verb}`)}
    </Button>
  );
  return why !== undefined && busy === undefined ? <Tooltip content={why}>{button}</Tooltip> : button;
}
