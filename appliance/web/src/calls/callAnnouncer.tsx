// SPDX-License-Identifier: Apache-2.0
// Announces calls that come in, by a notice and the tab's title, and those that were missed.
import { PhoneVolumeIcon } from '@patternfly/react-icons';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { useEvents } from '../events/eventProvider';
import { useToasts } from '../ui/toasts';
import { useAnnouncedTitle } from '../ui/useTitle';
import { useCommands } from './commands';
import { usePartyText } from './partyName';
import { useCallViews } from './useCalls';

export function CallAnnouncer() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { toast, dismiss } = useToasts();
  const { onLogEntry } = useEvents();
  const { makeCall } = useCommands();
  const partyText = usePartyText();
  const ringing = (useCallViews() ?? []).filter((view) => view.stage === 'incoming');
  const announced = useRef(new Set<string>());
  const first = ringing[0];
  useAnnouncedTitle(first && t('calls.announce.page', { party: partyText(first).name }));

  useEffect(() => {
    for (const view of ringing) {
      if (announced.current.has(view.id)) continue;
      announced.current.add(view.id);
      const { name } = partyText(view);
      toast({
        key: view.id,
        variant: 'custom',
        icon: <PhoneVolumeIcon />,
        title: t('calls.announce.title', { party: name }),
        body: t('calls.announce.body'),
        action: { label: t('calls.announce.show'), run: () => void navigate('/calls') },
      });
    }
    for (const id of announced.current) {
      if (ringing.some((view) => view.id === id)) continue;
      announced.current.delete(id);
      dismiss(id);
    }
  });

  useEffect(
    () =>
      onLogEntry((entry) => {
        if (!entry.missed) return;
        const party = entry.name || entry.number || t('calls.unknown');
        toast({
          key: `missed-${entry.id}`,
          variant: 'warning',
          title: t('calls.announce.missedTitle', { party }),
          ...(entry.number
            ? { action: { label: t('calls.announce.back'), run: () => makeCall(entry.number, party) } }
            : {}),
        });
      }),
    [makeCall, onLogEntry, t, toast],
  );
  return null;
}
